// Whether any or all elements hold, their product, and their norm.
import { checkOptions, type Kind } from '../errors.ts'
import { normalizeAxes, reducedShape, sizeAt } from '../ir/shape.ts'
import { full, ones, tensorOf, type Tensor } from '../ir/tensor.ts'
import { cast, detach } from './cast.ts'
import { where } from './choice.ts'
import { abs, add, div, equal, less, lessEqual, logicalAnd, logicalNot, mul, pow, sqrt, square } from './elementwise.ts'
import { max, min, reduceKinds, sum, type ReduceOptions } from './reduce.ts'
import { concat, reshape, transpose } from './shape.ts'
import { slice } from './slice.ts'

/** The axes to reduce, and the shape that remains. */
function reduction(owner: string, x: Tensor, options: ReduceOptions): { axes: number[]; shape: number[] } {
  const { axes, keepDims = false } = checkOptions(owner, options, reduceKinds)
  const list = normalizeAxes(axes, tensorOf(owner, x).rank)
  return { axes: list, shape: reducedShape(x.shape, list, keepDims) }
}

/** Whether any element over axes (default all) is true, or a number other than 0; of no elements, none is. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, shape } = reduction('any', x, options)
  return x.size === 0 ? full(shape, 0, 'bool') : reshape(max(cast(x, 'bool'), { axes }), shape)
}

/** Whether all elements over axes (default all) are true, or numbers other than 0; of no elements, all are. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, shape } = reduction('all', x, options)
  return x.size === 0 ? full(shape, 1, 'bool') : reshape(min(cast(x, 'bool'), { axes }), shape)
}

/**
 * Infinities and NaN of a product without a 0, held apart: the product does not feel their change, and a factor that is
 * 1 there hands on a gradient of y / x, which is infinity by infinity. So it is not a number, as PyTorch's is.
 */
function holdInfinite(x: Tensor, axes: readonly number[]): { readonly held: Tensor; readonly factor: Tensor } {
  const hasZero = max(equal(x, 0), { axes, keepDims: true })
  const infinite = logicalAnd(logicalNot(less(abs(x), Infinity)), logicalNot(hasZero))
  const inverse = where(infinite, div(1, where(infinite, x, 1)), 0)
  return { held: where(infinite, detach(x), x), factor: add(1, sum(inverse, { axes, keepDims: true })) }
}

/**
 * Product over axes (default all); that of bool and integers is int32 and wraps at 32 bits. It is taken in pairs, as a
 * tree, so that its gradients of every order hold where factors are 0.
 */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { axes, shape } = reduction('prod', x, options)
  const numbers = x.dtype === 'float32' ? x : cast(x, 'int32')
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const count = axes.reduce((product, axis) => product * sizeAt(x.shape, axis), 1)
  const sizes = kept.map(axis => sizeAt(x.shape, axis))
  if (count === 0) return ones(shape, numbers.dtype)
  const { held, factor } =
    numbers.dtype === 'float32' ? holdInfinite(numbers, axes) : { held: numbers, factor: undefined }
  let factors = reshape(transpose(held, [...axes, ...kept]), [count, ...sizes])
  for (let left = count; left > 1; left = Math.ceil(left / 2)) {
    const half = Math.floor(left / 2)
    const [first, second] = [0, half].map(start => slice(factors, { axis: 0, start, end: start + half })) as [
      Tensor,
      Tensor,
    ]
    const product = mul(first, second)
    factors = left % 2 === 0 ? product : concat([product, slice(factors, { axis: 0, start: 2 * half })])
  }
  const product = reshape(factors, shape)
  return factor ? mul(product, reshape(factor, shape)) : product
}

/** Settings of a norm. */
export interface NormOptions extends ReduceOptions {
  /** The exponent, default 2; Infinity: the largest magnitude, -Infinity: the smallest, 0: how many are not 0. */
  readonly p?: number
}

const exponent: Kind = { is: 'a number', accepts: p => typeof p === 'number' && !Number.isNaN(p) }

/** f of what is not 0 and 0 elsewhere, with a gradient of 0 there. */
const awayFromZero = (x: Tensor, f: (x: Tensor) => Tensor): Tensor => {
  const zero = equal(x, 0)
  return where(zero, 0, f(where(zero, 1, x)))
}

/** The same numbers, with a gradient of 0 where one of those that are reduced together is NaN: PyTorch's. */
function flatBesideNaN(x: Tensor, { axes }: ReduceOptions): Tensor {
  const isNumber = min(lessEqual(x, Infinity), { ...(axes !== undefined && { axes }), keepDims: true })
  return where(isNumber, x, detach(x))
}

/** |x|^p with a gradient of 0 at 0, unless the norm around it is infinite or NaN: 0 times what comes back. */
function powerOf(x: Tensor, p: number): Tensor {
  const zero = equal(x, 0)
  return where(zero, mul(x, 0), pow(where(zero, 1, abs(x)), p))
}

/**
 * (sum |x|^p)^(1/p) over axes (default all), without a special meaning for matrices: PyTorch's `linalg.vector_norm`.
 * Where the norm is 0 its gradient is 0.
 */
export function norm(x: Tensor, given: NormOptions = {}): Tensor {
  const { p = 2, ...options } = checkOptions('norm', given, { p: exponent, ...reduceKinds })
  tensorOf('norm', x)
  if (p === 2) return awayFromZero(sum(square(x), options), sqrt)
  const magnitudes = abs(x)
  if (p === Infinity) return max(flatBesideNaN(magnitudes, options), options)
  if (p === -Infinity) return min(flatBesideNaN(magnitudes, options), options)
  if (p === 1) return sum(magnitudes, options)
  if (p === 0) return sum(cast(cast(x, 'bool'), 'float32'), options)
  return awayFromZero(
    sum(
      powerOf(x, p),
      options,
    ),
    total => pow(total, 1 / p),
  )
}
