// How steeply the loss rises in a small box around a solution.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'
import { minimizeInBox } from './minimize-in-box.ts'

/**
 * Loss and gradient at a flat parameter vector, over a fixed set of items; the vector is reused and must not be kept.
 */
export type LossAndGradient = (parameters: Float32Array) => Promise<{ loss: number; gradient: ArrayLike<number> }>

export interface SharpnessOptions {
  /** Size of the box, default 1e-3 (the paper also uses 5e-4). */
  epsilon?: number
  /** Dimensions of the random subspace (the paper uses 100), or 'full' (default) for the whole space. */
  subspace?: number | 'full'
  /** Most iterations of L-BFGS-B, default 10 as in the paper. */
  iterations?: number
  /** Seed of the random subspace, default 0. */
  seed?: number
}

export interface Sharpness {
  /** 100 (max f - f(x)) / (1 + f(x)), in percent. */
  readonly sharpness: number
  /** f(x). */
  readonly loss: number
  /** The largest loss found in the box; the search is approximate, so this is a lower bound. */
  readonly largestLoss: number
  readonly epsilon: number
  /** Dimensions searched. */
  readonly dimensions: number
  readonly evaluations: number
}

/**
 * Keskar's sharpness: the largest relative rise of the loss over the box |z_i| <= epsilon (|(A+ x)_i| + 1) around the
 * solution x, where x + A z is evaluated; A is the identity ('full') or has random normal columns. A subspace of p
 * dimensions holds p times the parameters in memory as float32.
 * Source: Keskar et al., "On large-batch training for deep learning: generalization gap and sharp minima", ICLR 2017,
 * equations 3 and 4 (metric 2.1); ten iterations of L-BFGS-B as in section 2.2.2.
 * Where the gradient is exactly 0 the search cannot start and the sharpness is 0; trained weights never are there.
 * @throws UserError when the loss at `parameters` is not finite or the subspace has no or too many dimensions
 */
export async function sharpness(
  evaluate: LossAndGradient,
  parameters: Float32Array,
  options: SharpnessOptions = {},
): Promise<Sharpness> {
  checkOptions('sharpness', options, ['epsilon', 'subspace', 'iterations', 'seed'])
  const { epsilon = 1e-3, subspace = 'full', iterations = 10, seed = 0 } = options
  const n = parameters.length
  if (!(epsilon > 0) || (subspace !== 'full' && (!Number.isInteger(subspace) || subspace < 1 || subspace > n))) {
    throw new UserError({
      rule: 'Sharpness needs a positive epsilon and a subspace of 1 to as many dimensions as there are parameters.',
      received: `epsilon ${epsilon}, subspace ${subspace}, ${n} parameters`,
      next: "Use { epsilon: 1e-3, subspace: 100 } or subspace 'full'.",
    })
  }
  const directions =
    subspace === 'full'
      ? undefined
      : Array.from({ length: subspace }, (_, column) => normals(randomKey(seed, 'sharpness subspace', column), n))
  // (A+ x)_i: the solution in the coordinates that are searched.
  const coordinates = directions ? leastSquares(directions, parameters) : parameters
  const radius = Float64Array.from(coordinates, value => epsilon * (Math.abs(value) + 1))
  const moved = new Float32Array(n)
  let atStart: number | undefined
  const { value, evaluations } = await minimizeInBox(
    async z => {
      if (directions) {
        const offset = combine(directions, z, n)
        for (let i = 0; i < n; i++) moved[i] = (parameters[i] ?? 0) + (offset[i] ?? 0)
      } else for (let i = 0; i < n; i++) moved[i] = (parameters[i] ?? 0) + (z[i] ?? 0)
      const { loss, gradient } = await evaluate(moved)
      atStart ??= loss
      // The minimiser looks for the smallest of minus the loss; d/dz f(x + A z) = A^T grad f.
      const reduced = directions
        ? directions.map(direction => -dotMixed(direction, gradient))
        : Float64Array.from(gradient, g => -g)
      return { value: -loss, gradient: reduced }
    },
    new Float64Array(radius.length),
    radius.map(r => -r),
    radius,
    { iterations },
  )
  const loss = atStart ?? NaN
  const largestLoss = Math.max(loss, -value)
  return {
    sharpness: (100 * (largestLoss - loss)) / (1 + loss),
    loss,
    largestLoss,
    epsilon,
    dimensions: radius.length,
    evaluations,
  }
}

function combine(directions: readonly Float32Array[], z: Float64Array, n: number): Float64Array {
  const offset = new Float64Array(n)
  directions.forEach((direction, column) => {
    const weight = z[column] ?? 0
    if (weight !== 0) for (let i = 0; i < n; i++) offset[i] = (offset[i] ?? 0) + weight * (direction[i] ?? 0)
  })
  return offset
}

function dotMixed(a: Float32Array, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** A+ x = (A^T A)^-1 A^T x for a tall A given by its columns, through Cholesky factors. */
function leastSquares(columns: readonly Float32Array[], x: Float32Array): Float64Array {
  const p = columns.length
  const factor = new Float64Array(p * p)
  const at = (i: number, j: number) => factor[i * p + j] ?? 0
  columns.forEach((a, i) => {
    for (let j = 0; j <= i; j++) factor[i * p + j] = dotMixed(a, columns[j] ?? [])
  })
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j)
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k)
      factor[i * p + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / at(j, j)
    }
  }
  const y = Float64Array.from(columns, a => dotMixed(a, x))
  for (let i = 0; i < p; i++) {
    for (let k = 0; k < i; k++) y[i] = (y[i] ?? 0) - at(i, k) * (y[k] ?? 0)
    y[i] = (y[i] ?? 0) / at(i, i)
  }
  for (let i = p - 1; i >= 0; i--) {
    for (let k = i + 1; k < p; k++) y[i] = (y[i] ?? 0) - at(k, i) * (y[k] ?? 0)
    y[i] = (y[i] ?? 0) / at(i, i)
  }
  return y
}
