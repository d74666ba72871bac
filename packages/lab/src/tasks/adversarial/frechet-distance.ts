// How far two clouds of points lie apart, from their means and covariances alone.
import { UserError } from '@ddlf/tensor/errors'
import { symmetricEigen } from '../../analysis/embedding/symmetric-eigen.ts'

/** Sums over points of n numbers each, from which a mean and a covariance follow. */
export interface Moments {
  readonly count: number
  /** Sum of the points, n numbers. */
  readonly sum: ArrayLike<number>
  /** Sum of their outer products, row by row, n x n. */
  readonly products: ArrayLike<number>
}

/** Mean and covariance, the latter divided by the number of points. */
export interface Gaussian {
  readonly mean: Float64Array
  readonly covariance: Float64Array
}

/** @throws UserError where there is no point */
export function gaussianOf({ count, sum, products }: Moments): Gaussian {
  const n = sum.length
  if (!(count > 0)) throw new UserError({ rule: 'A mean needs a point.', received: `${count} points` })
  const mean = Float64Array.from(sum, value => value / count)
  const covariance = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n]
    return (products[k] ?? 0) / count - (mean[i] ?? 0) * (mean[j] ?? 0)
  })
  return { mean, covariance }
}

/** How far points lie from their mean: the sum of their variances. */
export function totalVariance({ mean: { length }, covariance }: Gaussian): number {
  let total = 0
  for (let i = 0; i < length; i++) total += covariance[i * length + i] ?? 0
  return total
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k] ?? 0
      if (factor === 0) continue
      for (let j = 0; j < n; j++) product[i * n + j] = (product[i * n + j] ?? 0) + factor * (b[k * n + j] ?? 0)
    }
  }
  return product
}

/** A symmetric matrix whose square is the given one; what rounding has made negative counts as 0. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n)
  const scaled = vectors.map((value, k) => value * Math.sqrt(Math.max(0, values[Math.floor(k / n)] ?? 0)))
  const transposed = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) transposed[j * n + i] = vectors[i * n + j] ?? 0
  return multiply(transposed, scaled, n)
}

/**
 * The Fréchet distance of two normal distributions, |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): the squared
 * Wasserstein-2 distance. Of features of pictures it is what FID measures.
 * Source: Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982; Heusel et al.,
 * "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", 2017, equation 6.
 */
export function frechetDistance(one: Gaussian, other: Gaussian): number {
  const n = one.mean.length
  const root = squareRoot(one.covariance, n)
  // (C1 C2)^(1/2) has the trace of (C1^(1/2) C2 C1^(1/2))^(1/2), which is symmetric.
  const { values } = symmetricEigen(multiply(multiply(root, other.covariance, n), root, n), n)
  const shared = values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0)
  const apart = one.mean.reduce((sum, value, i) => sum + (value - (other.mean[i] ?? 0)) ** 2, 0)
  return Math.max(0, apart + totalVariance(one) + totalVariance(other) - 2 * shared)
}
