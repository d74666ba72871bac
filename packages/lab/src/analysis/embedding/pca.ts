// Principal components: the directions along which features vary most.
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'
import { symmetricEigen } from './symmetric-eigen.ts'

export interface Pca {
  /** Mean of each feature, shape [features]. */
  readonly mean: Float64Array
  /** One unit vector a component, row-major, shape [components, features]. */
  readonly directions: Float64Array
  /** Variance along each component (divides by items - 1), descending. */
  readonly variance: Float64Array
  /** Share of the total variance. */
  readonly varianceRatio: Float64Array
  /** The items in the new coordinates, row-major, shape [items, components]. */
  readonly projected: Float64Array
}

// Convergence of an eigenpair, relative to the largest eigenvalue: |C v - lambda v| / lambda_1.
const TOLERANCE = 1e-11
const LARGEST_BASIS = 360

/**
 * Principal component analysis. Deterministic: the sign of a direction makes its entry of largest magnitude positive
 * (scikit-learn's convention since 1.5), and the start vectors are seeded.
 * Source of the method: Musco and Musco, "Randomized block Krylov methods for stronger and faster approximate singular
 * value decomposition", NeurIPS 2015; run to convergence, and exact when the smaller side of the data is small.
 * @param features row-major, shape [items, features]
 * @param items number of rows, at least 2
 * @param components how many directions, default 2
 * @throws UserError when the shape does not fit, a feature is not finite, or there are more components than data
 */
export function pca(features: ArrayLike<number>, items: number, components = 2): Pca {
  const width = features.length / items
  const rank = Math.min(items, width)
  if (items < 2 || !Number.isInteger(width) || !Number.isInteger(components) || components < 1 || components > rank) {
    throw new UserError({
      rule: 'PCA needs at least two items, features of shape [items, features], and no more components than the ' +
        'smaller of both.',
      received: `${features.length} numbers for ${items} items, ${components} components`,
      next: 'Pass the number of rows as the second argument.',
    })
  }
  const centred = Float64Array.from(features)
  if (!centred.every(Number.isFinite)) {
    throw new UserError({
      rule: 'PCA needs finite features.',
      received: 'a feature that is not finite',
      next: 'Check that the model did not diverge.',
    })
  }
  const mean = new Float64Array(width)
  for (let i = 0; i < centred.length; i++) mean[i % width] = (mean[i % width] ?? 0) + (centred[i] ?? 0) / items
  for (let i = 0; i < centred.length; i++) centred[i] = (centred[i] ?? 0) - (mean[i % width] ?? 0)

  const { values, vectors } = leadingEigenpairs(v => covarianceTimes(centred, items, width, v), width, rank, components)
  const directions = new Float64Array(components * width)
  for (let c = 0; c < components; c++) {
    const direction = vectors[c] ?? new Float64Array(width)
    const peak = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
    directions.set(peak < 0 ? direction.map(value => -value) : direction, c * width)
  }
  const variance = Float64Array.from({ length: components }, (_, c) => Math.max(0, values[c] ?? 0))
  const total = centred.reduce((sum, value) => sum + value * value, 0) / (items - 1)
  return {
    mean,
    directions,
    variance,
    varianceRatio: variance.map(value => (total === 0 ? 0 : value / total)),
    projected: project(centred, directions, width),
  }
}

/** C v = X^T (X v) / (items - 1), without forming C. */
function covarianceTimes(centred: Float64Array, items: number, width: number, v: Float64Array): Float64Array {
  const out = new Float64Array(width)
  for (let item = 0; item < items; item++) {
    const start = item * width
    let dot = 0
    for (let j = 0; j < width; j++) dot += (centred[start + j] ?? 0) * (v[j] ?? 0)
    dot /= items - 1
    for (let j = 0; j < width; j++) out[j] = (out[j] ?? 0) + dot * (centred[start + j] ?? 0)
  }
  return out
}

function leadingEigenpairs(
  times: (v: Float64Array) => Float64Array,
  size: number,
  rank: number,
  count: number,
): { values: Float64Array; vectors: Float64Array[] } {
  const block = Math.min(size, count + 6)
  const largest = Math.min(size, Math.max(LARGEST_BASIS, 4 * count))
  const basis: Float64Array[] = []
  const images: Float64Array[] = []
  let candidates: Float64Array[] = Array.from({ length: block }, (_, c) =>
    Float64Array.from(normals(randomKey(0, 'pca', c), size)),
  )
  let fresh = block
  let nextCheck = 2 * block
  let found: { values: Float64Array; vectors: Float64Array[] } = { values: new Float64Array(count), vectors: [] }
  while (true) {
    const added: Float64Array[] = []
    for (const candidate of candidates) {
      if (basis.length >= largest) break
      const unit = orthonormalise(candidate, basis)
      if (unit === undefined) continue
      const image = times(unit)
      basis.push(unit)
      images.push(image)
      added.push(image)
    }
    const full = basis.length >= largest
    if (full || added.length === 0 || basis.length >= nextCheck) {
      found = rayleighRitz(basis, images, count)
      const scale = Math.max(found.values[0] ?? 0, Number.MIN_VALUE)
      const settled =
        found.vectors.length === count &&
        found.vectors.every((v, c) => residual(times(v), v, found.values[c] ?? 0) <= TOLERANCE * scale)
      if (settled || full || (added.length === 0 && basis.length >= Math.min(rank, size))) return found
      nextCheck = Math.ceil(1.5 * basis.length)
    }
    // An exhausted Krylov space (repeated eigenvalues) goes on from new random vectors.
    candidates =
      added.length > 0
        ? added
        : Array.from({ length: block }, () => Float64Array.from(normals(randomKey(0, 'pca', fresh++), size)))
  }
}

/**
 * The candidate made orthogonal to the basis (twice, which is enough) and of length 1; undefined when nothing is left.
 */
function orthonormalise(candidate: Float64Array, basis: readonly Float64Array[]): Float64Array | undefined {
  const v = candidate.slice()
  const before = Math.sqrt(dot(v, v))
  for (let pass = 0; pass < 2; pass++) {
    for (const b of basis) {
      const overlap = dot(v, b)
      for (let i = 0; i < v.length; i++) v[i] = (v[i] ?? 0) - overlap * (b[i] ?? 0)
    }
  }
  const length = Math.sqrt(dot(v, v))
  return length <= 1e-12 * before || length === 0 ? undefined : v.map(value => value / length)
}

function rayleighRitz(
  basis: readonly Float64Array[],
  images: readonly Float64Array[],
  count: number,
): { values: Float64Array; vectors: Float64Array[] } {
  const n = basis.length
  const small = new Float64Array(n * n)
  basis.forEach((b, i) => images.forEach((image, j) => (small[i * n + j] = dot(b, image))))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++)
      small[i * n + j] = small[j * n + i] = ((small[i * n + j] ?? 0) + (small[j * n + i] ?? 0)) / 2
  }
  const { values, vectors } = symmetricEigen(small, n)
  const ritz = Array.from({ length: Math.min(count, n) }, (_, c) => {
    const v = new Float64Array(basis[0]?.length ?? 0)
    basis.forEach((b, i) => {
      const weight = vectors[c * n + i] ?? 0
      for (let j = 0; j < v.length; j++) v[j] = (v[j] ?? 0) + weight * (b[j] ?? 0)
    })
    return v
  })
  return { values, vectors: ritz }
}

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

const residual = (image: Float64Array, v: Float64Array, value: number) =>
  Math.sqrt(image.reduce((sum, x, i) => sum + (x - value * (v[i] ?? 0)) ** 2, 0))

function project(centred: Float64Array, directions: Float64Array, width: number): Float64Array {
  const items = centred.length / width
  const components = directions.length / width
  const projected = new Float64Array(items * components)
  for (let item = 0; item < items; item++) {
    for (let c = 0; c < components; c++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += (centred[item * width + j] ?? 0) * (directions[c * width + j] ?? 0)
      projected[item * components + c] = sum
    }
  }
  return projected
}
