// Method chaining: the functions of ops/ as methods of Tensor, and the readers that evaluate at once.
import type { DType, TypedArray } from './ir/dtype.ts'
import { UserError } from './errors.ts'
import type { Shape } from './ir/shape.ts'
import { formatType, Tensor, type NestedArray } from './ir/tensor.ts'
import * as elementwise from './ops/elementwise.ts'
import { cast, detach } from './ops/cast.ts'
import { clamp } from './ops/choice.ts'
import type { Operand } from './ops/define-elementwise.ts'
import { all, any, norm, prod, type NormOptions } from './ops/aggregate.ts'
import { cumSum, type CumSumOptions } from './ops/cumulative.ts'
import { gather, oneHot } from './ops/gather.ts'
import { gelu, silu } from './ops/gelu.ts'
import { matmul, type MatmulOptions } from './ops/matmul.ts'
import { expm1, log1p } from './ops/near-zero.ts'
import { argmax, argmin, max, mean, min, sum, variance, type ReduceOptions } from './ops/reduce.ts'
import { ceil, isNaN, mod, round } from './ops/rounding.ts'
import { expand, flatten, reshape, squeeze, transpose, unsqueeze } from './ops/shape.ts'
import { slice } from './ops/slice.ts'
import { sort, topK } from './ops/sort.ts'
import { logSoftmax, softmax } from './ops/softmax.ts'
import { takeAlongAxis } from './ops/take-along.ts'
import { tril, triu } from './ops/triangle.ts'
import { valuesOf } from './runtimes/reference/evaluate.ts'

const methods = {
  add(this: Tensor, other: Operand) { return elementwise.add(this, other) },
  sub(this: Tensor, other: Operand) { return elementwise.sub(this, other) },
  mul(this: Tensor, other: Operand) { return elementwise.mul(this, other) },
  div(this: Tensor, other: Operand) { return elementwise.div(this, other) },
  pow(this: Tensor, exponent: Operand) { return elementwise.pow(this, exponent) },
  maximum(this: Tensor, other: Operand) { return elementwise.maximum(this, other) },
  minimum(this: Tensor, other: Operand) { return elementwise.minimum(this, other) },
  clamp(this: Tensor, low: number, high: number) { return clamp(this, low, high) },
  mod(this: Tensor, other: Operand) { return mod(this, other) },
  equal(this: Tensor, other: Operand) { return elementwise.equal(this, other) },
  less(this: Tensor, other: Operand) { return elementwise.less(this, other) },
  lessEqual(this: Tensor, other: Operand) { return elementwise.lessEqual(this, other) },
  greater(this: Tensor, other: Operand) { return elementwise.greater(this, other) },
  greaterEqual(this: Tensor, other: Operand) { return elementwise.greaterEqual(this, other) },
  neg(this: Tensor) { return elementwise.neg(this) },
  abs(this: Tensor) { return elementwise.abs(this) },
  exp(this: Tensor) { return elementwise.exp(this) },
  log(this: Tensor) { return elementwise.log(this) },
  log1p(this: Tensor) { return log1p(this) },
  expm1(this: Tensor) { return expm1(this) },
  round(this: Tensor) { return round(this) },
  ceil(this: Tensor) { return ceil(this) },
  isNaN(this: Tensor) { return isNaN(this) },
  sqrt(this: Tensor) { return elementwise.sqrt(this) },
  square(this: Tensor) { return elementwise.square(this) },
  tanh(this: Tensor) { return elementwise.tanh(this) },
  sigmoid(this: Tensor) { return elementwise.sigmoid(this) },
  relu(this: Tensor) { return elementwise.relu(this) },
  gelu(this: Tensor, options?: { approximate?: 'none' | 'tanh' }) { return gelu(this, options) },
  silu(this: Tensor) { return silu(this) },
  softplus(this: Tensor) { return elementwise.softplus(this) },
  cast(this: Tensor, to: DType) { return cast(this, to) },
  detach(this: Tensor) { return detach(this) },
  matmul(this: Tensor, other: Tensor, options?: MatmulOptions) { return matmul(this, other, options) },
  sum(this: Tensor, options?: ReduceOptions) { return sum(this, options) },
  mean(this: Tensor, options?: ReduceOptions) { return mean(this, options) },
  variance(this: Tensor, options?: ReduceOptions & { correction?: number }) { return variance(this, options) },
  max(this: Tensor, options?: ReduceOptions) { return max(this, options) },
  min(this: Tensor, options?: ReduceOptions) { return min(this, options) },
  argmax(this: Tensor, options?: { axis?: number; keepDims?: boolean }) { return argmax(this, options) },
  argmin(this: Tensor, options?: { axis?: number; keepDims?: boolean }) { return argmin(this, options) },
  any(this: Tensor, options?: ReduceOptions) { return any(this, options) },
  all(this: Tensor, options?: ReduceOptions) { return all(this, options) },
  prod(this: Tensor, options?: ReduceOptions) { return prod(this, options) },
  norm(this: Tensor, options?: NormOptions) { return norm(this, options) },
  cumSum(this: Tensor, options?: CumSumOptions) { return cumSum(this, options) },
  sort(this: Tensor, options?: { axis?: number; descending?: boolean }) { return sort(this, options) },
  topK(this: Tensor, k: number, options?: { axis?: number; largest?: boolean }) { return topK(this, k, options) },
  softmax(this: Tensor, axis?: number) { return softmax(this, axis) },
  logSoftmax(this: Tensor, axis?: number) { return logSoftmax(this, axis) },
  reshape(this: Tensor, shape: Shape, ...more: readonly never[]) { return reshape(this, shape, ...more) },
  flatten(this: Tensor, startAxis?: number) { return flatten(this, startAxis) },
  squeeze(this: Tensor, axis: number) { return squeeze(this, axis) },
  unsqueeze(this: Tensor, axis: number) { return unsqueeze(this, axis) },
  transpose(this: Tensor, axes?: readonly number[], ...more: readonly never[]) {
    return transpose(this, axes, ...more)
  },
  expand(this: Tensor, shape: Shape, ...more: readonly never[]) { return expand(this, shape, ...more) },
  slice(this: Tensor, range: { axis: number; start?: number; end?: number; step?: number }) {
    return slice(this, range)
  },
  tril(this: Tensor, diagonal?: number) { return tril(this, diagonal) },
  triu(this: Tensor, diagonal?: number) { return triu(this, diagonal) },
  takeAlongAxis(this: Tensor, indices: Tensor, axis?: number) { return takeAlongAxis(this, indices, axis) },
  gather(this: Tensor, indices: Tensor, axis?: number) { return gather(this, indices, axis) },
  oneHot(this: Tensor, depth: number) { return oneHot(this, depth) },

  /** The values, flat in row-major order, computed now by the reference runtime. */
  toTypedArray(this: Tensor): TypedArray { return valuesOf(this) },
  /** The values as nested arrays (a number for a scalar; booleans for bool), computed now by the reference runtime. */
  toArray(this: Tensor): NestedArray { return nest(valuesOf(this), this.shape, this.dtype) },
  /** The one value of a tensor with one element. */
  item(this: Tensor): number {
    if (this.size !== 1) throw new UserError({
      rule: 'item() reads a tensor with one element.', received: `${formatType(this)}, ${this.size} elements`,
      next: 'Use toArray().',
    })
    return valuesOf(this)[0] as number
  },
}

function nest(values: TypedArray, shape: Shape, dtype: DType): NestedArray {
  const read = (i: number): number | boolean => (dtype === 'bool' ? values[i] !== 0 : (values[i] as number))
  const build = (depth: number, start: number, size: number): NestedArray => {
    if (depth === shape.length) return read(start)
    const count = shape[depth] as number
    const inner = size / Math.max(count, 1)
    return Array.from({ length: count }, (_, i) => build(depth + 1, start + i * inner, inner))
  }
  return build(0, 0, values.length)
}

/** What {@link Tensor} has besides its own members. */
export type TensorMethods = typeof methods

Object.assign(Tensor.prototype, methods)
