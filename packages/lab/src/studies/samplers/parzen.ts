// A Parzen estimator: a mixture of products, one kernel a past trial and one wide kernel as the prior, as in Optuna 5.
import type { Distribution, NumericDistribution } from '../space/distribution.ts'
import { snap } from '../space/distribution.ts'
import { widenedBounds } from '../space/unit-interval.ts'
import type { Draws } from './sampler.ts'
import { logNormalMass, logNormalPdf, truncatedNormalQuantile } from './truncated-normal.ts'

/** One dimension of all kernels: truncated normals. */
export interface NormalKernels {
  readonly distribution: NumericDistribution
  /** Centres; logarithms for a logarithmic range. */
  readonly mu: Float64Array
  readonly sigma: Float64Array
  /** The bounds of truncation in the same scale, half a step wider than those of a discrete range. */
  readonly low: number
  readonly high: number
}

/** One dimension of all kernels: probabilities of the choices, a row a kernel. */
export interface CategoricalKernels {
  readonly distribution: Distribution & { kind: 'categorical' }
  readonly probabilities: Float64Array
}

export type Kernels = NormalKernels | CategoricalKernels

/** A mixture of products of kernels. */
export interface Mixture {
  /** The weight of each kernel; they sum to 1. */
  readonly weights: Float64Array
  /** One entry a dimension. */
  readonly kernels: readonly Kernels[]
}

/**
 * The weights of n observations in the order of their trials: from the 26th on the oldest fade along a ramp from 1/n to
 * 1.
 */
export function observationWeights(n: number): Float64Array {
  const ramp = n - 25
  if (ramp <= 0) return new Float64Array(n).fill(1)
  return Float64Array.from({ length: n }, (_, i) =>
    i >= ramp ? 1 : ramp === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (ramp - 1),
  )
}

/**
 * The estimator of some observations, with the prior as its last kernel (weight 1 beside the observations').
 * @param columns for each dimension the observed values in the order of their trials, categorical ones as indices
 * Source: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011; Watanabe, "Tree-structured
 * Parzen estimator", arXiv 2304.11127 (magic clip, multivariate kernels).
 */
export function parzenEstimator(
  distributions: readonly Distribution[],
  columns: readonly ArrayLike<number>[],
  weights: ArrayLike<number> = observationWeights(columns[0]?.length ?? 0),
): Mixture {
  const all = Float64Array.from([...Array.from(weights), 1])
  const total = all.reduce((sum, weight) => sum + weight, 0)
  return {
    weights: all.map(weight => weight / total),
    kernels: distributions.map((distribution, i) => {
      const observed = columns[i] ?? []
      return distribution.kind === 'categorical'
        ? categoricalKernels(distribution, observed)
        : normalKernels(distribution, observed)
    }),
  }
}

function categoricalKernels(
  distribution: Distribution & { kind: 'categorical' },
  observed: ArrayLike<number>,
): CategoricalKernels {
  const choices = distribution.choices.length
  const kernels = observed.length + 1
  const probabilities = new Float64Array(kernels * choices)
  for (let k = 0; k < kernels; k++) {
    const row = probabilities.subarray(k * choices, (k + 1) * choices).fill(1 / kernels)
    const index = observed[k]
    if (index !== undefined) row[index] = (row[index] ?? 0) + 1
    const sum = row.reduce((a, b) => a + b, 0)
    for (let c = 0; c < choices; c++) row[c] = (row[c] ?? 0) / sum
  }
  return { distribution, probabilities }
}

function normalKernels(distribution: NumericDistribution, observed: ArrayLike<number>): NormalKernels {
  const { low, high } = widenedBounds(distribution)
  const n = observed.length
  const mu = Float64Array.from({ length: n + 1 }, (_, i) =>
    i === n ? (low + high) / 2 : distribution.log ? Math.log(observed[i] ?? 0) : (observed[i] ?? 0),
  )
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => (mu[i] as number) - (mu[j] as number))
  const sigma = new Float64Array(n + 1).fill(high - low)
  const narrowest = (high - low) / Math.min(100, n + 2)
  for (const [rank, i] of order.entries()) {
    // The gap to the bounds counts only for a single observation.
    const at = (other: number) => (other < 0 ? low : other >= n ? high : (mu[order[other] as number] as number))
    const left = rank === 0 && n > 1 ? -Infinity : (mu[i] as number) - at(rank - 1)
    const right = rank === n - 1 && n > 1 ? -Infinity : at(rank + 1) - (mu[i] as number)
    sigma[i] = Math.min(high - low, Math.max(narrowest, left, right))
  }
  return { distribution, mu, sigma, low, high }
}

/** Draws one point: a kernel by its weight, then each dimension from it; categorical values as indices. */
export function drawFromMixture({ weights, kernels }: Mixture, draw: Draws): Float64Array {
  const k = indexAt(weights, draw())
  return Float64Array.from(kernels, dimension => {
    const u = draw()
    if (!('mu' in dimension)) {
      const choices = dimension.distribution.choices.length
      return indexAt(dimension.probabilities.subarray(k * choices, (k + 1) * choices), u)
    }
    const { distribution, low, high } = dimension
    const mu = dimension.mu[k] as number
    const sigma = dimension.sigma[k] as number
    const value = mu + sigma * truncatedNormalQuantile(u, (low - mu) / sigma, (high - mu) / sigma)
    return snap(distribution, distribution.log ? Math.exp(value) : value)
  })
}

/** The index in which the running sum of the probabilities passes `u`. */
function indexAt(probabilities: Float64Array, u: number): number {
  let sum = 0
  for (let i = 0; i < probabilities.length - 1; i++) {
    sum += probabilities[i] as number
    if (u < sum) return i
  }
  return probabilities.length - 1
}

/** The log density of the mixture at some points (log probability in discrete dimensions). */
export function mixtureLogDensity({ weights, kernels }: Mixture, points: readonly ArrayLike<number>[]): Float64Array {
  const count = weights.length
  const joint = new Float64Array(points.length * count)
  for (let p = 0; p < points.length; p++)
    for (let k = 0; k < count; k++) joint[p * count + k] = Math.log(weights[k] as number)
  for (const [i, dimension] of kernels.entries()) {
    const column = points.map(point => point[i] ?? NaN)
    if ('mu' in dimension) addNormal(joint, dimension, column)
    else addCategorical(joint, dimension, column)
  }
  return Float64Array.from(points, (_, p) => logSumExp(joint.subarray(p * count, (p + 1) * count)))
}

function addCategorical(
  joint: Float64Array,
  { distribution, probabilities }: CategoricalKernels,
  column: readonly number[],
): void {
  const choices = distribution.choices.length
  const count = probabilities.length / choices
  for (const [p, choice] of column.entries()) {
    for (let k = 0; k < count; k++)
      joint[p * count + k] = (joint[p * count + k] as number) + Math.log(probabilities[k * choices + choice] as number)
  }
}

function addNormal(joint: Float64Array, kernels: NormalKernels, column: readonly number[]): void {
  const { distribution: { log, step }, mu, sigma, low, high } = kernels
  const count = mu.length
  // Discrete values repeat: each pair of value and kernel is worked out once.
  const masses = new Map<string, number>()
  const normalisers = new Map<string, number>()
  const once = (memory: Map<string, number>, key: string, make: () => number) => {
    const known = memory.get(key) ?? make()
    memory.set(key, known)
    return known
  }
  for (let k = 0; k < count; k++) {
    const m = mu[k] as number
    const s = sigma[k] as number
    const kernel = step === null ? '' : `${m} ${s}`
    const truncated = () => logNormalMass((low - m) / s, (high - m) / s)
    const normaliser = step === null ? truncated() + Math.log(s) : once(normalisers, kernel, truncated)
    for (const [p, value] of column.entries()) {
      const x = log ? Math.log(value) : value
      let density: number
      if (step === null) density = x < low || x > high ? -Infinity : logNormalPdf((x - m) / s)
      else {
        density = once(masses, `${kernel} ${value}`, () => {
          const left = log ? Math.log(value - step / 2) : value - step / 2
          const right = log ? Math.log(value + step / 2) : value + step / 2
          return logNormalMass((left - m) / s, (right - m) / s)
        })
      }
      joint[p * count + k] = (joint[p * count + k] as number) + density - normaliser
    }
  }
}

function logSumExp(values: Float64Array): number {
  let most = -Infinity
  for (const value of values) most = Math.max(most, value)
  if (most === -Infinity) return -Infinity
  let sum = 0
  for (const value of values) sum += Math.exp(value - most)
  return most + Math.log(sum)
}
