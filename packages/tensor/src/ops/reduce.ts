// Ops that combine elements along axes: sum, mean, maximum, variance, position of the maximum.
import { UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape, normalizeAxes, normalizeAxis, reducedShape, sizeAt, sizeOf, stridesOf, type Shape } from '../ir/shape.ts'
import { Tensor } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { cast, div, equal, mul, neg, square, sub } from './elementwise.ts'
import { expand, reshape } from './shape.ts'

interface ReduceAttributes extends Attributes {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

/** Which axes to combine (default all) and whether to keep them with size 1 (default no). */
export interface ReduceOptions {
  readonly axes?: number | readonly number[]
  readonly keepDims?: boolean
}

/** Calls `f(i, o)` for each element i of a tensor and the element o of the reduced tensor it belongs to. */
function eachReduced(shape: Shape, axes: readonly number[], f: (from: number, to: number) => void): void {
  const kept = stridesOf(reducedShape(shape, axes, true))
  const steps = kept.map((stride, axis) => (axes.includes(axis) ? 0 : stride))
  const strides = stridesOf(shape)
  const total = sizeOf(shape)
  for (let i = 0; i < total; i++) {
    let to = 0
    for (let axis = 0, rest = i; axis < shape.length; axis++) {
      const stride = strides[axis] as number
      const position = Math.floor(rest / stride)
      rest -= position * stride
      to += position * (steps[axis] as number)
    }
    f(i, to)
  }
}

const inferReduce = ([x]: readonly TensorType[], { axes, keepDims }: ReduceAttributes): TensorType => {
  const type = x as TensorType
  return { shape: reducedShape(type.shape, axes, keepDims), dtype: type.dtype }
}

/** The reduced tensor with its axes kept as size 1. */
const keepAxes = (reduced: Tensor, x: Tensor, axes: readonly number[]) => reshape(reduced, reducedShape(x.shape, axes, true))

const SAMPLES = [
  { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { axes: [0, 1], keepDims: false } },
  { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { axes: [0], keepDims: true } },
  { inputs: [{ shape: [2, 3, 4], low: -2, high: 2 }], attributes: { axes: [0, 2], keepDims: false } },
]

const sumOp = defineOp<ReduceAttributes>({
  name: 'sum',
  infer: inferReduce,
  gradient: ({ inputs: [x], gradient, attributes: { axes } }) => [expand(keepAxes(gradient, x as Tensor, axes), (x as Tensor).shape)],
  onnx(emitter, { names, inputs: [x], attributes: { axes, keepDims } }) {
    return emitSum(emitter, names[0] as string, x as TensorType, axes, keepDims)
  },
  reference({ inputs: [x], output, attributes: { axes } }) {
    const source = x as ReferenceValue
    const totals = new Float64Array(output.data.length)
    eachReduced(source.shape, axes, (from, to) => (totals[to] = (totals[to] as number) + (source.data[from] as number)))
    output.data.set(totals)
  },
  samples: [...SAMPLES, { inputs: [{ shape: [2, 3], dtype: 'int32', low: -5, high: 5 }], attributes: { axes: [1], keepDims: false } }],
})

/** Length from which a sum is taken in two stages: the kernel adds naively, and its error grows with the length. */
const TWO_STAGES_FROM = 4096

function emitSum(emitter: Emitter, value: string, type: TensorType, axes: readonly number[], keepDims: boolean): string {
  const reduce = (from: string, over: readonly number[], keep: boolean) =>
    emitter.node('ReduceSum', [from, emitter.constant(over, 'int64', [over.length])], { keepdims: keep ? 1 : 0 })
  if (axes.length === 0) return emitter.node('Identity', [value])
  if (emitter.fitsBlocks(type) && emitter.hasBlocked(value) && ['0,2,3', '2,3'].includes(axes.join())) {
    // [N, C / b, H W, b]: positions first, then the batch; what remains is [C] or [N, C] in order.
    const [batch, channels, height, width] = type.shape as [number, number, number, number]
    const blocks = emitter.reshape(emitter.blocked(value), [batch, channels / emitter.channelBlock, height * width, emitter.channelBlock])
    const overPositions = reduce(blocks, [2], false)
    return emitter.reshape(axes.length === 2 ? overPositions : reduce(overPositions, [0], false), reducedShape(type.shape, axes, keepDims))
  }
  const length = axes.reduce((product, axis) => product * sizeAt(type.shape, axis), 1)
  const last = axes.at(-1) as number
  if (length < TWO_STAGES_FROM || type.dtype !== 'float32') return reduce(value, axes, keepDims)
  if (axes.length > 1) {
    // The trailing run of axes first, [2, 3] of [0, 2, 3]: both stages then have a fast kernel.
    const run = axes.filter((axis, i) => last - axis === axes.length - 1 - i)
    const inner = run.length < axes.length ? run : [last]
    return reduce(reduce(value, inner, true), axes, keepDims)
  }
  const size = sizeAt(type.shape, last)
  let inner = Math.floor(Math.sqrt(size))
  while (size % inner !== 0) inner--
  if (inner === 1) return reduce(value, axes, keepDims)
  const folded = emitter.reshape(value, type.shape.toSpliced(last, 1, size / inner, inner))
  return emitter.reshape(reduce(reduce(folded, [last + 1], false), [last], false), reducedShape(type.shape, axes, keepDims))
}

function reduceOptions(x: Tensor, { axes, keepDims = false }: ReduceOptions): ReduceAttributes {
  return { axes: normalizeAxes(axes, x.rank), keepDims }
}

/** Sum over axes (default all). */
export const sum = (x: Tensor, options: ReduceOptions = {}): Tensor => Tensor.apply(sumOp, [x], reduceOptions(x, options))

/** Arithmetic mean over axes (default all). */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const total = sum(x, options)
  return mul(total, total.size / x.size)
}

/**
 * Variance over axes (default all), as the mean squared distance from the mean, which does not cancel as
 * E[x^2] - E[x]^2 does. `correction: 1` divides by n - 1 instead of n.
 */
export function variance(x: Tensor, { correction = 0, ...options }: ReduceOptions & { readonly correction?: number } = {}): Tensor {
  const centered = sub(x, mean(x, { ...options, keepDims: true }))
  const total = sum(square(centered), options)
  return mul(total, 1 / (x.size / total.size - correction))
}

const maxOp = defineOp<ReduceAttributes>({
  name: 'max',
  infer([x], attributes) {
    const type = x as TensorType
    if (attributes.axes.some(axis => type.shape[axis] === 0)) throw new UserError({ rule: `the largest of no elements does not exist: ${formatShape(type.shape)} is empty along a reduced axis.` })
    return inferReduce([type], attributes)
  },
  // Elements that tie for the maximum share its gradient, as in PyTorch's amax.
  gradient({ inputs: [x], output, gradient, attributes: { axes } }) {
    const input = x as Tensor
    const ties = cast(equal(input, expand(keepAxes(output, input, axes), input.shape)), 'float32')
    return [mul(ties, div(keepAxes(gradient, input, axes), sum(ties, { axes, keepDims: true })))]
  },
  // With the axes as an attribute: the form of opset 17.
  onnx: (emitter, { names, attributes: { axes, keepDims } }) => emitter.node('ReduceMax', names, { axes, keepdims: keepDims ? 1 : 0 }),
  reference({ inputs: [x], output, attributes: { axes } }) {
    const source = x as ReferenceValue
    output.data.fill(source.dtype === 'float32' ? -Infinity : -(2 ** 31))
    eachReduced(source.shape, axes, (from, to) => (output.data[to] = Math.max(output.data[to] as number, source.data[from] as number)))
  },
  samples: SAMPLES,
})

/** Largest element over axes (default all). */
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => Tensor.apply(maxOp, [x], reduceOptions(x, options))

/** Smallest element over axes (default all). */
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => neg(max(neg(x), options))

interface ArgmaxAttributes extends Attributes {
  readonly axis: number
  readonly keepDims: boolean
}

const argmaxOp = defineOp<ArgmaxAttributes>({
  name: 'argmax',
  infer: ([x], { axis, keepDims }) => ({ shape: reducedShape((x as TensorType).shape, [axis], keepDims), dtype: 'int32' }),
  gradient: null,
  onnx: (emitter, { names, attributes: { axis, keepDims } }) => emitter.cast(emitter.node('ArgMax', names, { axis, keepdims: keepDims ? 1 : 0 }), 'int32'),
  reference({ inputs: [x], output, attributes: { axis } }) {
    const source = x as ReferenceValue
    const best = new Float64Array(output.data.length).fill(-Infinity)
    const stride = stridesOf(source.shape)[axis] as number
    const size = sizeAt(source.shape, axis)
    eachReduced(source.shape, [axis], (from, to) => {
      const value = source.data[from] as number
      if (value > (best[to] as number)) {
        best[to] = value
        output.data[to] = Math.floor(from / stride) % size
      }
    })
  },
  samples: [
    { inputs: [{ shape: [4, 5], low: -2, high: 2 }], attributes: { axis: 1, keepDims: false } },
    { inputs: [{ shape: [4, 5], low: -2, high: 2 }], attributes: { axis: 0, keepDims: true } },
    { inputs: [{ shape: [1, 4], values: [1, 3, 3, 2] }], attributes: { axis: 1, keepDims: false } },
  ],
})

/** Position of the largest element along an axis (int32); the first of equals. */
export const argmax = (x: Tensor, { axis = -1, keepDims = false }: { axis?: number; keepDims?: boolean } = {}): Tensor =>
  Tensor.apply(argmaxOp, [x], { axis: normalizeAxis(axis, x.rank), keepDims })
