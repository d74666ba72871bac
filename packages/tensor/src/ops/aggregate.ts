// Whether any or all elements hold, their product, and their norm.
import { checkOptions, type Kind } from '../errors.ts'
import { normalizeAxes, reducedShape, sizeAt } from '../ir/shape.ts'
import { full, ones, tensorOf, type Tensor } from '../ir/tensor.ts'
import { cast } from './cast.ts'
import { where } from './choice.ts'
import { abs, equal, mul, pow, sqrt, square } from './elementwise.ts'
import { max, min, reduceKinds, sum, type ReduceOptions } from './reduce.ts'
import { concat, reshape, slice, transpose } from './shape.ts'

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
  let factors = reshape(transpose(numbers, [...axes, ...kept]), [count, ...sizes])
  for (let left = count; left > 1; left = Math.ceil(left / 2)) {
    const half = Math.floor(left / 2)
    const [first, second] = [0, half].map(start => slice(factors, { axis: 0, start, end: start + half })) as [
      Tensor,
      Tensor,
    ]
    const product = mul(first, second)
    factors = left % 2 === 0 ? product : concat([product, slice(factors, { axis: 0, start: 2 * half })])
  }
  return reshape(factors, shape)
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

/**
 * (sum |x|^p)^(1/p) over axes (default all), without a special meaning for matrices: PyTorch's `linalg.vector_norm`.
 * Where the norm is 0 its gradient is 0.
 */
export function norm(x: Tensor, given: NormOptions = {}): Tensor {
  const { p = 2, ...options } = checkOptions('norm', given, { p: exponent, ...reduceKinds })
  tensorOf('norm', x)
  if (p === 2) return awayFromZero(sum(square(x), options), sqrt)
  const magnitudes = abs(x)
  if (p === Infinity) return max(magnitudes, options)
  if (p === -Infinity) return min(magnitudes, options)
  if (p === 1) return sum(magnitudes, options)
  if (p === 0) return sum(cast(cast(x, 'bool'), 'float32'), options)
  return awayFromZero(
    sum(
      awayFromZero(magnitudes, value => pow(value, p)),
      options,
    ),
    total => pow(total, 1 / p),
  )
}
