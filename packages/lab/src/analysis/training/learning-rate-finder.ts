// A short training run with a growing learning rate, to see which rates lower the loss.
import { checkOptions, UserError } from '@ddlf/tensor/errors'

export interface LearningRateFinderOptions {
  /** First rate, default 1e-6. */
  low?: number
  /** Last rate, default 10. */
  high?: number
  /** Steps from the first rate to the last, default 100. */
  steps?: number
  /** Weight of the past in the smoothed loss, default 0.95. */
  smoothing?: number
  /** Stops when the smoothed loss exceeds this many times its lowest value, default 4. */
  divergence?: number
}

export interface LearningRateSearch {
  /** The rate of each step taken, ascending. */
  readonly rates: Float64Array
  /** Loss of each step. */
  readonly losses: Float64Array
  /** Exponential moving average of the loss, corrected for its start. */
  readonly smoothed: Float64Array
  /** The rate where the smoothed loss falls fastest per factor of the rate; undefined when it never falls. */
  readonly suggestion: number | undefined
  readonly stopped: 'finished' | 'diverged'
}

/**
 * Raises the learning rate exponentially from step to step until the loss diverges, and suggests the rate of steepest
 * descent of the smoothed loss over the logarithm of the rate. The model it trains must be thrown away afterwards.
 * Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3 (range test);
 * exponential growth and smoothing as fastai made customary.
 * @param step trains on one batch with the given rate and resolves to that batch's loss, measured before the update
 * @throws UserError when the rates or the number of steps are not valid, or the first loss is not finite
 */
export async function learningRateFinder(
  step: (learningRate: number) => Promise<number>,
  options: LearningRateFinderOptions = {},
): Promise<LearningRateSearch> {
  checkOptions('learningRateFinder', options, ['low', 'high', 'steps', 'smoothing', 'divergence'])
  const { low = 1e-6, high = 10, steps = 100, smoothing = 0.95, divergence = 4 } = options
  if (
    !(low > 0 && high > low) ||
    !Number.isInteger(steps) ||
    steps < 3 ||
    !(smoothing >= 0 && smoothing < 1) ||
    !(divergence > 1)
  ) {
    throw new UserError({
      rule: 'The finder needs 0 < low < high, at least 3 steps, smoothing from 0 to below 1 and divergence above 1.',
      received: `low ${low}, high ${high}, steps ${steps}, smoothing ${smoothing}, divergence ${divergence}`,
      next: 'Leave the options out to get the usual ones.',
    })
  }
  const rates: number[] = []
  const losses: number[] = []
  const smoothed: number[] = []
  let average = 0
  let lowest = Infinity
  let stopped: LearningRateSearch['stopped'] = 'finished'
  for (let i = 0; i < steps; i++) {
    const rate = low * (high / low) ** (i / (steps - 1))
    const loss = await step(rate)
    if (!Number.isFinite(loss)) {
      if (i === 0) {
        throw new UserError({
          rule: 'The first loss must be finite.',
          received: String(loss),
          next: 'Check the model and its data before looking for a rate.',
        })
      }
      stopped = 'diverged'
      break
    }
    average = smoothing * average + (1 - smoothing) * loss
    const value = average / (1 - smoothing ** (i + 1))
    rates.push(rate)
    losses.push(loss)
    smoothed.push(value)
    lowest = Math.min(lowest, value)
    // A loss near zero may multiply without meaning anything; the first loss sets the scale.
    if (i > 0 && value > lowest + (divergence - 1) * Math.max(lowest, 0.1 * (losses[0] ?? 0))) {
      stopped = 'diverged'
      break
    }
  }
  return {
    rates: Float64Array.from(rates),
    losses: Float64Array.from(losses),
    smoothed: Float64Array.from(smoothed),
    suggestion: steepest(rates, smoothed),
    stopped,
  }
}

/**
 * Where the smoothed loss falls fastest before its lowest point, by central differences (steps are even in log rate).
 */
function steepest(rates: readonly number[], smoothed: readonly number[]): number | undefined {
  const lowest = smoothed.indexOf(Math.min(...smoothed))
  let best: number | undefined
  let slope = 0
  for (let i = 1; i <= lowest && i + 1 < smoothed.length; i++) {
    const fall = ((smoothed[i + 1] ?? 0) - (smoothed[i - 1] ?? 0)) / 2
    if (fall < slope) {
      slope = fall
      best = rates[i]
    }
  }
  return best
}
