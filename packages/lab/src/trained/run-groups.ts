// Runs that differ in nothing but the seed are one group; whether two groups differ is asked seed by seed.
import { bootstrapInterval } from '../analysis/statistics/bootstrap-interval.ts'
import { differencesBySeed, valuesBySeed } from '../analysis/statistics/by-seed.ts'
import { mean } from '../analysis/statistics/descriptive.ts'
import type { Interval } from '../analysis/statistics/interval.ts'
import { pairedSignFlipTest, type SignFlipTest } from '../analysis/statistics/paired-sign-flip-test.ts'
import { studentQuantile } from '../analysis/statistics/prediction-interval.ts'
import { formatMetric, type Metric } from '../experiment/metric.ts'
import { flattenSettings, type DifferingSetting } from '../runs/compare-runs.ts'
import { stringifyExact, type Json } from '../runs/exact-json.ts'

/** A run as far as groups look at it. */
export interface GroupedRun {
  readonly experiment: string
  readonly seed: number
  readonly config: Readonly<Record<string, Json>>
}

/** Runs that differ in nothing but the seed. */
export interface RunGroup<Run extends GroupedRun = GroupedRun> {
  /** What sets the group apart, for example `hidden=800`; `all` where nothing does. */
  readonly label: string
  readonly runs: readonly Run[]
  /** How many seeds they have: two runs of one seed are one. */
  readonly seeds: number
  /** The metric over the seeds: mean with a 95 % bootstrap interval where there are two or more. */
  readonly mean: number
  readonly interval: Interval | undefined
}

/** A setting as it is typed: lists without brackets, words without quotes. */
const text = (value: Json | undefined): string =>
  typeof value === 'string'
    ? value
    : value === undefined
      ? '-'
      : Array.isArray(value)
        ? (value as readonly Json[]).map(text).join(',')
        : stringifyExact(value)

/** Settings that do not change what is learned. */
export const ASIDE: readonly string[] = ['seed', 'histograms']

/**
 * Groups runs.
 * @param settings in which they differ
 * @param valueOf what they are judged by
 */
export function runGroups<Run extends GroupedRun>(
  runs: readonly Run[],
  settings: readonly DifferingSetting[],
  valueOf: (run: Run) => number,
): RunGroup<Run>[] {
  const apart = settings.filter(({ setting }) => !ASIDE.includes(setting))
  const byKey = new Map<string, Run[]>()
  for (const run of runs) {
    const flat = flattenSettings({ experiment: run.experiment, ...run.config })
    const key = apart.map(({ setting }) => `${setting}=${text(flat.get(setting))}`).join(', ')
    byKey.set(key, [...(byKey.get(key) ?? []), run])
  }
  return [...byKey].map(([label, members]) => {
    const values = [...valuesBySeed(members, valueOf).values()]
    const interval = values.length > 1 && values.every(Number.isFinite) ? bootstrapInterval(values) : undefined
    return { label: label || 'all', runs: members, seeds: values.length, mean: mean(values), interval }
  })
}

/** Whether the first of two groups differs from the second; undefined unless they have two seeds in common. */
export function pairedTestOf<Run extends GroupedRun>(
  [first, second, ...more]: readonly RunGroup<Run>[],
  valueOf: (run: Run) => number,
): (SignFlipTest & { readonly seeds: readonly number[]; readonly half: number }) | undefined {
  if (!first || !second || more.length > 0) return undefined
  const { seeds, differences } = differencesBySeed(first.runs, second.runs, valueOf)
  return seeds.length < 2 ? undefined : { ...pairedSignFlipTest(differences), seeds, half: halfOf(differences) }
}

/** Half of Student's 95 % interval of a mean; NaN for fewer than two values. */
export function halfOf(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
  return studentQuantile(0.95, values.length - 1) * Math.sqrt(variance / values.length)
}

const LEVEL = 0.05
const p = (value: number) => `p = ${Number(value.toPrecision(2))}`

/** A difference of a metric, with half of its interval where that is known: `0.42 ± 0.10 percentage points`. */
function apartBy(metric: Metric, value: number, half?: number): string {
  const numbers = [value, ...(half === undefined ? [] : [half])]
  const words = numbers.map(one => (metric.format === 'percent' ? (100 * one).toFixed(2) : formatMetric(metric, one)))
  return `${words.join(' ± ')}${metric.format === 'percent' ? ' percentage points' : ''}`
}

/**
 * In a sentence, what a comparison of groups shows.
 * @param metric what they are judged by, for example the test error
 */
export function comparisonSentence<Run extends GroupedRun>(
  groups: readonly RunGroup<Run>[],
  metric: Metric,
  valueOf: (run: Run) => number,
): string {
  const [first, second] = groups
  if (!first) return ''
  if (!second) {
    if (first.seeds < 2) return 'Runs of one setting and one seed: there is nothing to compare.'
    const half = halfOf([...valuesBySeed(first.runs, valueOf).values()])
    const spread = `${formatMetric(metric, first.mean)} ± ${formatMetric(metric, half)}`
    return `One setting, ${first.seeds} seeds: the mean ${metric.title} is ${spread} (95 % interval).`
  }
  if (groups.length > 2) return manySentence(groups, metric)
  if (!Number.isFinite(first.mean - second.mean)) return `Not both have a finite ${metric.title} yet.`
  const way = first.mean === second.mean ? 'other' : first.mean < second.mean ? 'lower' : 'higher'
  const by = apartBy(metric, Math.abs(first.mean - second.mean))
  const test = pairedTestOf(groups, valueOf)
  const names = [first.label, second.label] as const
  if (!test) {
    const which = way === 'other' ? 'another' : `a ${way}`
    const said = `${names[0]} has ${which} ${metric.title} than ${names[1]}, by ${by}`
    return `${said}; without two seeds in common nobody knows whether other seeds would agree.`
  }
  const paired = apartBy(metric, Math.abs(test.meanDifference), test.half)
  const over = `${paired} over ${test.pairs} paired seeds, ${p(test.pValue)}`
  if (test.pValue <= LEVEL) return `${names[0]} has a ${way} ${metric.title} than ${names[1]}: by ${over}.`
  const least = test.floor > LEVEL ? `; ${test.pairs} seeds cannot show one, six can` : ''
  return `No difference of the ${metric.title} between ${names[0]} and ${names[1]} is shown: ${over}${least}.`
}

/** Of three groups or more, the best and how far the next is. */
function manySentence(groups: readonly RunGroup[], metric: Metric): string {
  const sign = metric.better === 'higher' ? -1 : 1
  const [best, next] = groups
    .filter(({ mean: value }) => Number.isFinite(value))
    .sort((a, b) => sign * (a.mean - b.mean))
  if (!best || !next || metric.better === 'neither') return `${groups.length} settings.`
  const fewest = Math.min(...groups.map(({ seeds }) => seeds))
  const caution = fewest < 2 ? ' Some have one seed: choose two settings with seeds in common for a test.' : ''
  const ahead = apartBy(metric, Math.abs(best.mean - next.mean))
  const value = formatMetric(metric, best.mean)
  return `Best of ${groups.length} settings: ${best.label}, ${value}, ${ahead} before ${next.label}.${caution}`
}
