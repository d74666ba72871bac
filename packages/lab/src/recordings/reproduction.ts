// Whether a figure that was measured again agrees with what is recorded.
import { predictionInterval } from '../analysis/statistics/prediction-interval.ts'
import type { Metric } from '../experiment/metric.ts'
import type { Spread } from './result.ts'

/**
 * Shares of examples that differ by less are equal (seven of 10,000), and other metrics by this part of their value.
 */
export const RESOLUTION = { share: 0.0007, relative: 0.01 } as const

/** The probability with which a figure that is drawn as the recorded ones were is said to hold. */
export const REPRODUCTION_LEVEL = 0.99

/** `undecided`: one seed is recorded, which says nothing of how far seeds lie apart. */
export type Reproduction = 'holds' | 'does not hold' | 'undecided'

/**
 * Holds within the resolution of the recorded mean, or in the interval where one more seed of the recorded ones is
 * expected (Student's t, 99 %).
 * @param measured undefined: the run brought no figure, and nothing holds
 */
export function reproductionOf(
  measured: number | undefined,
  { mean, values }: Spread,
  { format }: Metric,
): Reproduction {
  if (measured === undefined || Number.isNaN(measured)) return 'does not hold'
  const resolution = format === 'percent' ? RESOLUTION.share : RESOLUTION.relative * Math.abs(mean)
  if (Math.abs(measured - mean) <= resolution) return 'holds'
  if (values.length < 2) return 'undecided'
  const { low, high } = predictionInterval(values, REPRODUCTION_LEVEL)
  return measured >= low && measured <= high ? 'holds' : 'does not hold'
}
