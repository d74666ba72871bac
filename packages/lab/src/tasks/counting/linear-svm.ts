// A linear classifier with the largest margin, by coordinate descent in the dual.
// Source: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM",
// 2008, algorithm 1 (L2 loss); the stopping rule is LIBLINEAR's.
import { permutation, randomKey } from '@ddlf/tensor/random'

/** What is separated: each example is a list of features that it has, of the value `scale[feature]` each. */
export interface SparseExamples {
  readonly length: number
  /** The features of an example, from 0 on. */
  features(example: number): ArrayLike<number>
  /** The value of each feature in the examples that have it. */
  readonly scale: Float64Array
}

/** How it is separated. */
export interface LinearSvmOptions {
  /** What a unit of squared hinge loss costs beside half the squared length of the weights. */
  readonly cost: number
  /** Largest difference between projected gradients at which it is done. */
  readonly tolerance: number
  /** Whether the plane may miss the origin. */
  readonly bias: boolean
  /** Most passes over the examples. */
  readonly passes: number
  readonly seed: number
}

/** A separating plane. */
export interface Plane {
  /** By feature. */
  readonly weights: Float64Array
  /** As a feature that every example has, it is kept small too; 0 where there is none. */
  readonly bias: number
  /** Passes that were taken. */
  readonly passes: number
}

/** Minimises |w|^2 / 2 + cost sum max(0, 1 - y (w x + b))^2. @param signs 1 or -1 of each example */
export function linearSvm(examples: SparseExamples, signs: ArrayLike<number>, options: LinearSvmOptions): Plane {
  const { cost, tolerance, passes, seed } = options
  // The value of the feature that every example has.
  const ever = options.bias ? 1 : 0
  const { length, scale } = examples
  const diagonal = 1 / (2 * cost)
  const weights = new Float64Array(scale.length)
  const alphas = new Float64Array(length)
  const norms = Float64Array.from({ length }, (_, i) => diagonal + ever + squares(examples.features(i), scale))
  let bias = 0
  let pass = 0
  for (; pass < passes; pass++) {
    let [most, least] = [-Infinity, Infinity]
    for (const i of permutation(randomKey(seed, 'svm', pass), length)) {
      const features = examples.features(i)
      const sign = signs[i] as number
      const alpha = alphas[i] as number
      let score = bias
      for (let k = 0; k < features.length; k++) {
        const feature = features[k] as number
        score += (weights[feature] as number) * (scale[feature] as number)
      }
      const gradient = sign * score - 1 + diagonal * alpha
      const projected = alpha === 0 ? Math.min(gradient, 0) : gradient
      most = Math.max(most, projected)
      least = Math.min(least, projected)
      if (Math.abs(projected) < 1e-12) continue
      const next = Math.max(alpha - gradient / (norms[i] as number), 0)
      const step = (next - alpha) * sign
      alphas[i] = next
      bias += step * ever
      for (let k = 0; k < features.length; k++) {
        const feature = features[k] as number
        weights[feature] = (weights[feature] as number) + step * (scale[feature] as number)
      }
    }
    if (most - least <= tolerance) break
  }
  return { weights, bias, passes: Math.min(pass + 1, passes) }
}

function squares(features: ArrayLike<number>, scale: Float64Array): number {
  let sum = 0
  for (let k = 0; k < features.length; k++) sum += (scale[features[k] as number] as number) ** 2
  return sum
}
