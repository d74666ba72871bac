// Where one more observation of a normal population is to be expected, from those that there are.
import { UserError } from '@ddlf/tensor'
import { mean, standardDeviation } from './descriptive.ts'
import type { Interval } from './interval.ts'

/**
 * The share of Student's distribution that lies within plus and minus `t`, for a whole number of degrees of freedom.
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, equations 26.7.3 and 26.7.4.
 */
function shareWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom))
  const square = Math.cos(angle) ** 2
  const odd = freedom % 2 === 1
  let term = odd ? Math.cos(angle) : 1
  let sum = freedom === 1 ? 0 : term
  for (let k = odd ? 3 : 2; k < freedom; k += 2) {
    term *= (square * (k - 1)) / k
    sum += term
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
}

/**
 * The t that a share `level` of Student's distribution does not exceed in absolute value, for example 63.657 for 0.99
 * and one degree of freedom.
 * @param level strictly between 0 and 1
 * @param freedom degrees of freedom: a whole number of at least 1
 */
export function studentQuantile(level: number, freedom: number): number {
  let [low, high] = [0, 1]
  while (shareWithin(high, freedom) < level) high *= 2
  for (let i = 0; i < 200 && low < high; i++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (shareWithin(middle, freedom) < level) low = middle
    else high = middle
  }
  return high
}

/**
 * The interval in which one more observation lies with probability `level`, if all are drawn from one normal
 * population: mean ± t s sqrt(1 + 1/n). One observation says nothing of the spread: the interval is infinite.
 * @param values at least one
 * @param level @default 0.95
 * @throws UserError for no values, or a level that is not between 0 and 1
 */
export function predictionInterval(values: readonly number[], level = 0.95): Interval {
  if (values.length === 0 || !(level > 0 && level < 1)) {
    throw new UserError({
      rule: 'predictionInterval takes at least one value and a level between 0 and 1.',
      received: `${values.length} values, level ${level}`,
      next: 'For example: predictionInterval([0.91, 0.93, 0.92], 0.95)',
    })
  }
  const estimate = mean(values)
  if (values.length === 1) return { estimate, low: -Infinity, high: Infinity, level }
  const half = studentQuantile(level, values.length - 1) * standardDeviation(values) * Math.sqrt(1 + 1 / values.length)
  return { estimate, low: estimate - half, high: estimate + half, level }
}
