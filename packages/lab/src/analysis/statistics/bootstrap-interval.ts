// Confidence intervals by resampling, over test items.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { randomKey, threefry2x32, type RandomKey } from '@ddlf/tensor/random'
import { mean, quantileOfSorted } from './descriptive.ts'
import type { Interval } from './interval.ts'

export interface BootstrapOptions {
  /** Seed of the resampling, default 0. */
  seed?: number
  /** Number of resamples, default 2000. */
  resamples?: number
  /** Confidence, default 0.95. */
  level?: number
}

/** A statistic of a sample; the array is reused between calls, so it must not be kept. */
export type Statistic = (sample: Float64Array) => number

/**
 * Percentile bootstrap interval of a statistic.
 * Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993, section 13.3.
 * @param values one number an item, for example 0 or 1 for a wrong or right answer. Of a few seeds it says too little:
 *   take `studentInterval` there
 * @param statistic default: the mean
 * @throws UserError when there are no values or an option is out of range
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  statistic: Statistic = mean,
  options: BootstrapOptions = {},
): Interval {
  checkOptions('bootstrapInterval', options, ['seed', 'resamples', 'level'])
  const { seed, resamples, level } = checkedOptions(values.length, options)
  const source = Float64Array.from(values)
  const sample = new Float64Array(source.length)
  const indices = new Uint32Array(source.length)
  const estimates = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    drawIndices(randomKey(seed, 'bootstrap', r), source.length, indices)
    for (let i = 0; i < sample.length; i++) sample[i] = source[indices[i] ?? 0] ?? NaN
    estimates[r] = statistic(sample)
  }
  return percentileInterval(statistic(source.slice()), estimates, level)
}

function checkedOptions(count: number, options: BootstrapOptions): Required<BootstrapOptions> {
  const { seed = 0, resamples = 2000, level = 0.95 } = options
  if (count === 0 || !Number.isInteger(resamples) || resamples < 1 || !(level > 0 && level < 1)) {
    throw new UserError({
      rule: 'A bootstrap needs at least one value, a positive number of resamples and a level between 0 and 1.',
      received: `${count} values, resamples ${resamples}, level ${level}`,
      next: 'Use 2000 resamples and level 0.95 when in doubt.',
    })
  }
  return { seed, resamples, level }
}

/** Fills `into` with integers uniform over 0 .. `below` - 1, two for each block of the generator. */
function drawIndices(key: RandomKey, below: number, into: Uint32Array): void {
  for (let i = 0; i < into.length; i += 2) {
    const [first, second] = threefry2x32(key, [i / 2, 0])
    into[i] = (first / 2 ** 32) * below
    if (i + 1 < into.length) into[i + 1] = (second / 2 ** 32) * below
  }
}

function percentileInterval(estimate: number, estimates: Float64Array, level: number): Interval {
  estimates.sort()
  return {
    estimate,
    low: quantileOfSorted(estimates, (1 - level) / 2),
    high: quantileOfSorted(estimates, (1 + level) / 2),
    level,
  }
}
