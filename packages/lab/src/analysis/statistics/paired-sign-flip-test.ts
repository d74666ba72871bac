// Are two methods different, judged from paired differences (the same seed or fold under both)?
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { randomKey, threefry2x32 } from '@ddlf/tensor/random'
import { mean } from './descriptive.ts'

export interface SignFlipTest {
  /** Two-sided p-value. */
  readonly pValue: number
  /** The smallest p-value this many pairs can give: 2 / 2^pairs when exact, 1 / (resamples + 1) when sampled. */
  readonly floor: number
  readonly meanDifference: number
  readonly pairs: number
  readonly method: 'exact' | 'Monte Carlo'
  /** Sign assignments that were looked at. */
  readonly assignments: number
}

const LARGEST_EXACT = 20

/**
 * Two-sided sign-flip (permutation) test of the mean of paired differences: if the methods were equal, each difference
 * could as well have had the other sign. All 2^n assignments are counted up to 20 pairs; above that, `resamples`
 * assignments are drawn and the observed one is counted among them, so that p is never 0.
 * Sources: Fisher, "The design of experiments", 1935; Phipson and Smyth, "Permutation p-values should never be zero",
 * 2010.
 * @param differences one difference a pair
 * @param options.seed of the drawn assignments, default 0
 * @param options.resamples drawn assignments above 20 pairs, default 100000
 * @throws UserError when there is no pair or a difference is not finite
 */
export function pairedSignFlipTest(
  differences: ArrayLike<number>,
  options: { seed?: number; resamples?: number } = {},
): SignFlipTest {
  checkOptions('pairedSignFlipTest', options, ['seed', 'resamples'])
  const { seed = 0, resamples = 100_000 } = options
  const values = Float64Array.from(differences)
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new UserError({
      rule: 'A sign-flip test needs at least one pair and finite differences.',
      received:
        values.length === 0 ? 'no pairs' : `a difference of ${String(values.find(value => !Number.isFinite(value)))}`,
      next: 'Pass one difference for each seed that both methods ran with.',
    })
  }
  const pairs = values.length
  const magnitude = values.reduce((total, value) => total + Math.abs(value), 0)
  // Sums that are equal on paper differ by rounding; without slack such ties would be missed.
  const threshold = Math.abs(values.reduce((total, value) => total + value, 0)) - 1e-9 * magnitude
  const common = { meanDifference: mean(values), pairs }

  if (pairs <= LARGEST_EXACT) {
    const assignments = 2 ** pairs
    // The two-sided count is symmetric, so the first sign stays and the count doubles. A Gray code flips one sign a
    // step.
    const signed = values.slice()
    let sum = signed.reduce((total, value) => total + value, 0)
    let extreme = Math.abs(sum) >= threshold ? 1 : 0
    for (let step = 1; step < assignments / 2; step++) {
      const flipped = 1 + (31 - Math.clz32(step & -step))
      sum -= 2 * (signed[flipped] ?? 0)
      signed[flipped] = -(signed[flipped] ?? 0)
      if (Math.abs(sum) >= threshold) extreme++
    }
    return { ...common, pValue: (2 * extreme) / assignments, floor: 2 / assignments, method: 'exact', assignments }
  }

  let extreme = 0
  for (let r = 0; r < resamples; r++) {
    const key = randomKey(seed, 'sign flip', r)
    let sum = 0
    let bits = 0
    for (let i = 0; i < pairs; i++) {
      if (i % 32 === 0) bits = threefry2x32(key, [i / 32, 0])[0]
      sum += (bits >>> (i % 32)) & 1 ? (values[i] ?? 0) : -(values[i] ?? 0)
    }
    if (Math.abs(sum) >= threshold) extreme++
  }
  return {
    ...common,
    pValue: (extreme + 1) / (resamples + 1),
    floor: 1 / (resamples + 1),
    method: 'Monte Carlo',
    assignments: resamples + 1,
  }
}
