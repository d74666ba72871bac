// The mean of a few values with Student's interval: what a mean over seeds is told with, wherever it is told.
import { mean, standardDeviation } from './descriptive.ts'
import type { Interval } from './interval.ts'
import { studentQuantile } from './prediction-interval.ts'

/** Half of Student's interval of a mean, t s / sqrt(n); NaN for fewer than two values. */
export const halfOf = (values: readonly number[], level = 0.95): number =>
  values.length < 2
    ? Number.NaN
    : studentQuantile(level, values.length - 1) * standardDeviation(values) / Math.sqrt(values.length)

/**
 * Student's interval of the mean of values from one normal population: mean ± t s / sqrt(n), with n - 1 degrees of
 * freedom. Of a few seeds it is as wide as it has to be: a bootstrap over two values never leaves their range, and
 * covers the mean of half of all repetitions. Source: Student, "The probable error of a mean", Biometrika 1908.
 * @param level @default 0.95
 * @returns undefined for fewer than two values, or one that is not finite: there is no interval then
 */
export function studentInterval(values: readonly number[], level = 0.95): Interval | undefined {
  if (values.length < 2 || !values.every(Number.isFinite)) return undefined
  const [estimate, half] = [mean(values), halfOf(values, level)]
  return { estimate, low: estimate - half, high: estimate + half, level }
}
