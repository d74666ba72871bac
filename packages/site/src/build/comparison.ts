// Recorded settings side by side: a value a seed, the interval of the mean, and in words what the pairs say.
import {
  armOf,
  differencesBySeed,
  mean,
  pairedSignFlipTest,
  spreadOf,
  standardDeviation,
  studentQuantile,
  type RecordedArm,
  type RecordedRun,
} from '@ddlf/lab'
import { metricText, number, unitText } from './format.ts'
import { headlineOf, metricFor, recordedResults, resultOf } from './results.ts'

export interface ComparedArm {
  readonly arm: RecordedArm
  readonly label: string
  readonly mean: number
  readonly deviation: number
  /** One a seed. */
  readonly values: readonly number[]
  /** Half the interval that holds the mean with 95 %; NaN of one seed. */
  readonly half: number
  readonly best: boolean
  /** Against the setting that the others are compared with. */
  readonly test: { readonly pValue: number; readonly floor: number } | undefined
  /** This setting minus that one over their pairs, with the interval that holds the mean with 95 %. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number } | undefined
  /** What the pairs say, in words; nothing where there is nothing to compare with. */
  readonly verdict: string | undefined
}

export interface Comparison {
  readonly title: string
  readonly unit: string
  readonly rows: readonly ComparedArm[]
  /** Of the strip on which the dots stand. */
  readonly range: readonly [low: number, high: number]
  readonly log: boolean
  readonly text: (value: number) => string
}

const CONFIDENCE = 0.95
const LEVEL = 0.05

function verdictOf(
  pairs: readonly number[],
  better: 'higher' | 'lower' | 'neither',
  base: string,
): Pick<ComparedArm, 'test' | 'verdict'> {
  if (pairs.length < 2) return { test: undefined, verdict: undefined }
  const test = pairedSignFlipTest(pairs)
  const p = `p = ${number(test.pValue)}, ${pairs.length} pairs`
  const ahead = better === 'higher' ? mean(pairs) > 0 : mean(pairs) < 0
  const way = ahead ? 'better' : 'worse'
  if (test.pValue <= LEVEL) return { test, verdict: `${way} than ${base} (${p})` }
  if (test.floor > LEVEL)
    return { test, verdict: `${pairs.length} pairs cannot show a difference (p = ${number(test.pValue)})` }
  return { test, verdict: `no difference to ${base} shown (${p})` }
}

/** The mean of the pairs, and Student's interval of it. */
function differenceOf(pairs: readonly number[]): ComparedArm['difference'] {
  if (pairs.length < 2) return undefined
  const half = (studentQuantile(CONFIDENCE, pairs.length - 1) * standardDeviation(pairs)) / Math.sqrt(pairs.length)
  const middle = mean(pairs)
  return { mean: middle, low: middle - half, high: middle + half }
}

/** One recorded setting of any experiment, as a comparison calls it. */
export interface ComparedRow {
  readonly experiment: string
  readonly arm: string
  /** Default the arm's own. */
  readonly label?: string
}

/** The rows that are recorded. */
export const recordedRows = (rows: readonly ComparedRow[]): readonly ComparedRow[] =>
  rows.filter(({ experiment, arm }) => recordedResults.get(experiment)?.arms.some(({ id }) => id === arm))

/**
 * Settings of one experiment side by side.
 * @param ids default all @param base id of the setting that the others are compared with
 */
export const compareArms = (
  experiment: string,
  ids: readonly string[] | undefined,
  base: string | undefined,
): Comparison =>
  compareRows(
    (ids ?? resultOf(experiment).arms.map(({ id }) => id)).map(arm => ({ experiment, arm })),
    base === undefined ? undefined : { experiment, arm: base },
  )

/**
 * Settings of several experiments side by side, by what the first is judged by.
 * @param base the setting that the others are compared with
 */
export function compareRows(rowsOf: readonly ComparedRow[], base: ComparedRow | undefined): Comparison {
  const [first] = rowsOf
  if (!first) throw new Error('A comparison needs a row.')
  const headline = headlineOf(first.experiment)
  const metric = metricFor(first.experiment, headline)
  const isShare = metric.format === 'percent'
  const of = (run: RecordedRun) => (run.metrics[headline] ?? NaN) * (isShare ? 100 : 1)
  const recorded = ({ experiment, arm }: ComparedRow) => armOf(resultOf(experiment), arm)
  const against = base && recorded(base)
  const arms = rowsOf.map(recorded)
  const spreads = arms.map(arm => spreadOf(arm, headline))
  const scale = isShare ? 100 : 1
  const best = (metric.better === 'higher' ? Math.max : Math.min)(...spreads.map(({ mean }) => mean))
  const rows = arms.map((arm, i) => {
    const spread = spreads[i] ?? spreadOf(arm, headline)
    const pairs =
      against === undefined || against === arm ? [] : differencesBySeed(arm.runs, against.runs, of).differences
    const half =
      spread.count < 2
        ? NaN
        : (studentQuantile(CONFIDENCE, spread.count - 1) * spread.deviation) / Math.sqrt(spread.count)
    return {
      arm,
      label: rowsOf[i]?.label ?? arm.label,
      mean: spread.mean * scale,
      deviation: spread.deviation * scale,
      values: spread.values.map(value => value * scale),
      half: half * scale,
      best: arms.length > 1 && spread.mean === best,
      difference: differenceOf(pairs),
      ...verdictOf(pairs, metric.better, base?.label ?? against?.label ?? ''),
    }
  })
  const all = rows.flatMap(({ values }) => values).filter(Number.isFinite)
  const log = all.every(value => value > 0) && Math.max(...all) > 30 * Math.min(...all)
  const pad = log ? 0 : (Math.max(...all) - Math.min(...all) || 1) * 0.06
  return {
    title: metric.title,
    unit: unitText(metric),
    rows,
    log,
    range: log
      ? [Math.min(...all) / 1.15, Math.min(isShare ? 100 : Infinity, Math.max(...all) * 1.15)]
      : [Math.max(isShare ? 0 : -Infinity, Math.min(...all) - pad), Math.max(...all) + pad],
    text: value => (isShare ? value.toFixed(2) : metricText(metric, value)),
  }
}
