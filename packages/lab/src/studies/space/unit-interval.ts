// Numeric parameters on the unit interval, for samplers that know only [0, 1]: logarithms taken, discrete bounds
// widened by half a step.
import { snap, type CategoricalDistribution, type Distribution, type NumericDistribution } from './distribution.ts'

/**
 * The bounds within which a sampler moves: half a step wider than those of a discrete range, and logarithms of a
 * logarithmic one.
 */
export function widenedBounds({ low, high, log, step }: NumericDistribution): { low: number; high: number } {
  const half = (step ?? 0) / 2
  return log ? { low: Math.log(low - half), high: Math.log(high + half) } : { low: low - half, high: high + half }
}

/** Where a value lies in the widened range, 0 .. 1. */
export function toUnit(distribution: NumericDistribution, value: number): number {
  const { low, high } = widenedBounds(distribution)
  return high > low ? ((distribution.log ? Math.log(value) : value) - low) / (high - low) : 0.5
}

/** The inverse of {@link toUnit}, on a step and within the bounds. */
export function fromUnit(distribution: NumericDistribution, unit: number): number {
  const { low, high } = widenedBounds(distribution)
  const value = low + unit * (high - low)
  return snap(distribution, distribution.log ? Math.exp(value) : value)
}

const choiceAt = ({ choices }: CategoricalDistribution, unit: number) =>
  choices[Math.min(choices.length - 1, Math.floor(unit * choices.length))] ?? null

/** The value at a fraction of a distribution: each choice and each step has an equal share of 0 .. 1. */
export const valueAt = (distribution: Distribution, unit: number) =>
  distribution.kind === 'categorical' ? choiceAt(distribution, unit) : fromUnit(distribution, unit)
