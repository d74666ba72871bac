// How far the predictions of a number lie from the truth, as a page shows it.
import { columnOf, type Dataset } from '@ddlf/data'
import { regressionMetrics } from '../tasks/tabular.ts'

/** One prediction, with the fields of its row where it is one of a table. */
export interface FarPrediction {
  readonly index: number
  readonly truth: number
  readonly prediction: number
  /** The first columns of the row, as they are written. */
  readonly fields: Readonly<Record<string, string>>
}

/** Predictions beside the truth. */
export interface ResidualSummary {
  /** Name of what is predicted. */
  readonly target: string
  readonly examples: number
  /** In the unit of the target, but for `r2`, the share of its variance that is explained; null where it has none. */
  readonly metrics: { readonly rmse: number; readonly mae: number; readonly r2: number | null }
  /** The error of always predicting the mean of these examples, which is the standard deviation of the targets. */
  readonly spread: number
  /** Pairs of truth and prediction, a sample of at most 1,000. */
  readonly points: readonly (readonly [number, number])[]
  /** Counts of prediction minus truth, in bins of equal width from `from` to `to`. */
  readonly residuals: { readonly from: number; readonly to: number; readonly counts: readonly number[] }
  /** The predictions that lie farthest from the truth. */
  readonly worst: readonly FarPrediction[]
}

/** More points than these cannot be told apart. */
const MOST_POINTS = 1000
/** Odd, so that one bin stands for predictions that are right. */
const BINS = 31
const MOST_FIELDS = 8
const LONGEST_FIELD = 60

function histogram(values: readonly number[]): ResidualSummary['residuals'] {
  // Symmetric around 0, so that a bias can be seen.
  const to = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
  const counts = new Array<number>(BINS).fill(0)
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor(((value + to) / (2 * to)) * BINS))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { from: -to, to, counts }
}

/**
 * Compares predictions with the column `target` of a set.
 * @param options.target its name for people
 * @param options.count how many of the worst
 */
export function residualsOf(
  test: Dataset,
  predicted: ArrayLike<number>,
  { target, count }: { readonly target: string; readonly count: number },
): ResidualSummary {
  const truths = Array.from(columnOf(test, 'target').data)
  const predictions = Array.from(predicted)
  const residuals = predictions.map((prediction, i) => prediction - (truths[i] ?? Number.NaN))
  const { rmse, mae, r2 } = regressionMetrics(predictions, truths)
  const centre = truths.reduce((a, b) => a + b, 0) / truths.length
  const { rmse: spread } = regressionMetrics(
    truths.map(() => centre),
    truths,
  )
  const columns = Object.entries(test.text ?? {}).slice(0, MOST_FIELDS)
  const fields = (index: number) =>
    Object.fromEntries(columns.map(([name, values]) => [name, (values[index] ?? '').slice(0, LONGEST_FIELD)]))
  const every = Math.ceil(truths.length / MOST_POINTS)
  const farthest = residuals
    .map((residual, index) => ({ index, far: Math.abs(residual) }))
    .sort((a, b) => b.far - a.far)
    .slice(0, count)
  return {
    target,
    examples: truths.length,
    metrics: { rmse, mae, r2: Number.isFinite(r2) ? r2 : null },
    spread,
    points: truths.flatMap((truth, i) => (i % every === 0 ? [[truth, predictions[i] ?? Number.NaN] as const] : [])),
    residuals: histogram(residuals),
    worst: farthest.map(({ index }) => ({
      index,
      truth: truths[index] ?? Number.NaN,
      prediction: predictions[index] ?? Number.NaN,
      fields: fields(index),
    })),
  }
}
