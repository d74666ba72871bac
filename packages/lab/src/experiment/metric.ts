// What a measured number means: its title, its unit, which way is better, how it is written. Nothing is guessed from a
// name.

/**
 * What a measured number means. Plain data: it is kept with every run, so that whoever lists runs needs no experiments.
 */
export interface Metric {
  /** As it is logged behind the split: `loss` of `test/loss`. */
  readonly name: string
  readonly title: string
  /** For axes and headers: `nats`, `dB`; empty where there is none. */
  readonly unit: string
  readonly better: 'higher' | 'lower' | 'neither'
  /** `percent`: a share of the examples, kept as a fraction; `fixed`: four decimals; `significant`: four digits. */
  readonly format: 'percent' | 'fixed' | 'significant'
  /** Left out where there is one line: another metric says the same. */
  readonly quiet?: boolean | undefined
  /** Of a share that is drawn as 1 minus itself, what that is called: what shrinks can be compared at any size. */
  readonly complement?: string | undefined
}

const of = (name: string, title: string, format: Metric['format'] = 'significant', unit = ''): Metric => ({
  name,
  title,
  unit,
  better: 'neither',
  format,
})

/** What every run measures of its training, or has in its summary. */
const common: readonly Metric[] = [
  of('learningRate', 'learning rate'),
  of('gradientNorm', 'norm of the gradient'),
  of('seconds', 'time', 'significant', 's'),
  of('flop', 'floating-point operations'),
  of('steps', 'steps'),
  of('parameters', 'parameters'),
  of('characters', 'characters'),
  of('tokens', 'tokens'),
  { ...of('loss', 'loss', 'fixed', 'nats'), better: 'lower' },
]

/** How the parts of the data are called in a title: `epoch` is the mean over an epoch of training. */
const PARTS: Readonly<Partial<Record<string, string>>> = { train: 'training', epoch: 'training' }

/**
 * The metric behind a logged name, with the part of the data in its title: `test/error` is the `test error`.
 * @param metrics those of the task or of the run
 * @param name as it is logged, with its split or without; `test/beam/8` is described by a metric `beam`
 * @returns for a name that nobody has described, one that says nothing of its direction
 */
export function metricOf(metrics: readonly Metric[], name: string): Metric {
  const find = (wanted: string) =>
    metrics.find(metric => metric.name === wanted) ?? common.find(metric => metric.name === wanted)
  const whole = find(name)
  if (whole) return whole
  const at = name.indexOf('/')
  const [part, base] = [name.slice(0, Math.max(0, at)), name.slice(at + 1)]
  // `beam/8` is one of those that `beam` describes.
  const found = at < 0 ? undefined : (find(base) ?? find(base.slice(0, Math.max(0, base.indexOf('/')))))
  if (!found) return of(name, name)
  const titled = (title: string) => `${Object.hasOwn(PARTS, part) ? (PARTS[part] ?? part) : part} ${title}`
  const { complement } = found
  return { ...found, title: titled(found.title), ...(complement !== undefined && { complement: titled(complement) }) }
}

/** How a curve of it is drawn: what the axis is called, and from a value to what is drawn, both without a unit. */
export const drawnAs = ({ title, complement }: Pick<Metric, 'title' | 'complement'>) => ({
  title: complement ?? title,
  drawn: (value: number): number => (complement === undefined ? value : 1 - value),
})

/** From here on four decimals say nothing. */
const LARGE = 1e4

/** A value as a person reads it: `1.82 %` for a share. */
export function formatMetric({ format }: Pick<Metric, 'format'>, value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (format === 'percent') return `${(100 * value).toFixed(2)} %`
  // Where a number is large, four decimals say nothing.
  if (format === 'fixed' && Math.abs(value) < LARGE) return value.toFixed(4)
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
    ? value.toExponential(2).replace('e+', 'e')
    : String(Number(value.toPrecision(4)))
}

type Value = number | null | undefined

/**
 * For sorting: the best first, what is missing or no number last. Infinity is a number: the best of what is to be high.
 * A metric of which neither way is better is sorted by size.
 */
export const byBest =
  ({ better }: Pick<Metric, 'better'>) =>
  (a: Value, b: Value): number => {
    const rank = (value: Value): number => (value ?? Number.NaN) * (better === 'higher' ? -1 : 1)
    const [first, second] = [rank(a), rank(b)]
    if (Number.isNaN(first) || Number.isNaN(second)) return Number(Number.isNaN(first)) - Number(Number.isNaN(second))
    return first === second ? 0 : first < second ? -1 : 1
  }

/**
 * Whether a value is better than another; what is no number is worse than every other. Never, where neither way is
 * better.
 */
export const isBetter = ({ better }: Pick<Metric, 'better'>, value: number, other: number): boolean =>
  better !== 'neither' && byBest({ better })(value, other) < 0

/** Whether a curve of it is drawn over a logarithmic axis: what falls towards 0, and is no share. */
export const isLogarithmic = ({ better, format }: Pick<Metric, 'better' | 'format'>): boolean =>
  better === 'lower' && format !== 'percent'

/** The parts of data that results are judged by, the last word first. */
const JUDGING = ['test', 'validation'] as const

/** The names under which a run has measured its metrics on the part that judges it, in the order of the metrics. */
export function judgedNames(metrics: readonly Metric[], isMeasured: (name: string) => boolean): string[] {
  const names = JUDGING.map(part => metrics.map(({ name }) => `${part}/${name}`).filter(isMeasured))
  return names.find(found => found.length > 0) ?? []
}
