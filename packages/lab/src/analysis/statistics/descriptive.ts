// Mean, spread and quantiles of a list of numbers.
import { UserError } from '@ddlf/tensor/errors'

const needAtLeast = (values: ArrayLike<number>, least: number, what: string) => {
  if (values.length < least) {
    throw new UserError({
      rule: `A ${what} needs at least ${least} ${least === 1 ? 'value' : 'values'}.`,
      received: `${values.length} values`,
      next: 'Check that the runs or items were selected as meant.',
    })
  }
}

/** @throws UserError when there is no value */
export function mean(values: ArrayLike<number>): number {
  needAtLeast(values, 1, 'mean')
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0
  return sum / values.length
}

/**
 * The lowest and the highest value, however many there are; NaN where one is, Infinity and -Infinity where there is
 * none.
 */
export function extremes(values: Iterable<number>): readonly [lowest: number, highest: number] {
  let [lowest, highest] = [Infinity, -Infinity]
  for (const value of values) {
    lowest = Math.min(lowest, value)
    highest = Math.max(highest, value)
  }
  return [lowest, highest]
}

/**
 * Sample standard deviation (divides by n - 1).
 * @throws UserError when there are fewer than two values
 */
export function standardDeviation(values: ArrayLike<number>): number {
  needAtLeast(values, 2, 'standard deviation')
  const centre = mean(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += ((values[i] ?? 0) - centre) ** 2
  return Math.sqrt(sum / (values.length - 1))
}

/** @throws UserError when there is no value */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

/**
 * Quantile with linear interpolation between order statistics (numpy's default).
 * @param q from 0 to 1
 * @throws UserError when there is no value or `q` lies outside 0 .. 1
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  needAtLeast(values, 1, 'quantile')
  if (!(q >= 0 && q <= 1))
    throw new UserError({
      rule: 'A quantile must lie from 0 to 1.',
      received: String(q),
      next: 'For the 95th percentile pass 0.95.',
    })
  return quantileOfSorted(Float64Array.from(values).sort(), q)
}

/** {@link quantile} of values that are already in ascending order. */
export function quantileOfSorted(sorted: Float64Array, q: number): number {
  // Sorted, NaN comes last; nothing that holds one has a quantile, as in numpy.
  if (Number.isNaN(sorted.at(-1))) return NaN
  const position = q * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below] ?? NaN
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN
  // 0 times an infinite difference would be NaN.
  return position === below || low === high ? low : low + (position - below) * (high - low)
}
