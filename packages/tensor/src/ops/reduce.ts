// Ops that combine elements along axes: sum, mean, maximum, variance, position of the maximum.
import { checkOptions, kinds, UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import {
  formatShape, normalizeAxes, normalizeAxis, reducedShape, sizeAt, sizeOf, stridesOf, type Shape,
} from '../ir/shape.ts'
import { Tensor, tensorOf } from '../ir/tensor.ts'
import { cast, detach } from './cast.ts'
import { where } from './choice.ts'
import { div, equal, greater, less, mul, square, sub } from './elementwise.ts'
import { emitSum } from '../onnx/emit-sum.ts'
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
const keepAxes = (reduced: Tensor, x: Tensor, axes: readonly number[]) =>
  reshape(reduced, reducedShape(x.shape, axes, true))

const SAMPLES = [
  { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { axes: [0, 1], keepDims: false } },
  { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { axes: [0], keepDims: true } },
  { inputs: [{ shape: [2, 3, 4], low: -2, high: 2 }], attributes: { axes: [0, 2], keepDims: false } },
]

const sumOp = defineOp<ReduceAttributes>({
  name: 'sum',
  infer([x], attributes) {
    const type = x as TensorType
    return { ...inferReduce([type], attributes), dtype: type.dtype === 'float32' ? 'float32' : 'int32' }
  },
  gradient: ({ inputs: [x], gradient, attributes: { axes } }) =>
    [expand(keepAxes(gradient, x as Tensor, axes), (x as Tensor).shape)],
  onnx(emitter, { names, inputs: [x], attributes: { axes, keepDims } }) {
    const type = x as TensorType
    if (type.dtype === 'float32') return emitSum(emitter, names[0] as string, type, axes, keepDims)
    // Sums of int32 stop at the largest number there: those of int64 are cut to 32 bits, so that they wrap as sums of
    // two do.
    return emitter.cast(emitSum(emitter, emitter.cast(names[0] as string, 'int64'), type, axes, keepDims), 'int32')
  },
  reference({ inputs: [x], output, attributes: { axes } }) {
    const source = x as ReferenceValue
    const totals = new Float64Array(output.data.length)
    eachReduced(source.shape, axes, (from, to) => (totals[to] = (totals[to] as number) + (source.data[from] as number)))
    output.data.set(totals)
  },
  samples: [
    ...SAMPLES,
    { inputs: [{ shape: [2, 3], dtype: 'int32', low: -5, high: 5 }], attributes: { axes: [1], keepDims: false } },
    {
      inputs: [{ shape: [2, 3], dtype: 'int32', values: [2 ** 31 - 1, 2 ** 31 - 1, 5, -(2 ** 31), -1, 0] }],
      attributes: { axes: [1], keepDims: false },
    },
    {
      inputs: [{ shape: [2, 3], dtype: 'uint8', values: [255, 255, 1, 0, 2, 3] }],
      attributes: { axes: [0, 1], keepDims: false },
    },
    {
      inputs: [{ shape: [2, 3], dtype: 'bool', values: [1, 0, 1, 1, 1, 1] }], attributes: { axes: [1], keepDims: true },
    },
    {
      inputs: [{ shape: [3, 2], values: [NaN, 1, Infinity, Infinity, 2, -Infinity] }],
      attributes: { axes: [1], keepDims: false }, singular: true,
    },
    { inputs: [{ shape: [2, 0, 3] }], attributes: { axes: [1], keepDims: false } },
  ],
})

/** What the options of a reduction may be. */
export const reduceKinds = { axes: kinds.axes, keepDims: kinds.flag }

function reduceOptions(owner: string, x: Tensor, options: ReduceOptions): ReduceAttributes {
  const { axes, keepDims = false } = checkOptions(owner, options, reduceKinds)
  return { axes: normalizeAxes(axes, tensorOf(owner, x).rank), keepDims }
}

/** Sum over axes (default all); sums of bool and integers are int32 and wrap at 32 bits. */
export const sum = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  Tensor.apply(sumOp, [x], reduceOptions('sum', x, options))

/** Arithmetic mean over axes (default all); that of bool and integers is float32. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const attributes = reduceOptions('mean', x, options)
  const total = Tensor.apply(sumOp, [cast(x, 'float32')], attributes)
  return mul(total, total.size / x.size)
}

/**
 * Variance over axes (default all), as the mean squared distance from the mean, which does not cancel as
 * E[x^2] - E[x]^2 does. `correction: 1` divides by n - 1 instead of n.
 * @throws UserError where the correction leaves nothing to divide by
 */
export function variance(x: Tensor, given: ReduceOptions & { readonly correction?: number } = {}): Tensor {
  const { correction = 0, ...options } = checkOptions(
    'variance', given, { ...reduceKinds, correction: kinds.atLeast(0) },
  )
  const numbers = cast(tensorOf('variance', x), 'float32')
  const centered = sub(numbers, mean(numbers, { ...options, keepDims: true }))
  const total = sum(square(centered), options)
  const count = x.size / total.size
  if (correction > 0 && count <= correction) {
    throw new UserError({
      rule: `variance: the correction must be less than the number of elements that are combined, ${count}.`,
      received: String(correction),
      next: 'Leave the correction out to divide by their number.',
    })
  }
  return mul(total, 1 / (count - correction))
}

/** Elements that are not numbers, ties and infinities, alone and among others. */
const SPECIAL = [
  NaN, 1, 2, 3, 1, NaN, 0, NaN, 2, 2, -1, 2, Infinity, -Infinity, 5, Infinity, -Infinity, -Infinity, -Infinity,
  -Infinity,
]

/** The largest or smallest element: `worse` says when the first of two elements gives way to the second. */
function defineExtreme(name: 'max' | 'min', { onnx, worst, better, worse }: {
  readonly onnx: 'ReduceMax' | 'ReduceMin'
  readonly worst: number
  readonly better: (a: number, b: number) => number
  readonly worse: (a: Tensor, b: Tensor) => Tensor
}): (x: Tensor, options?: ReduceOptions) => Tensor {
  const op = defineOp<ReduceAttributes>({
    name,
    infer([x], attributes) {
      const type = x as TensorType
      if (attributes.axes.some(axis => type.shape[axis] === 0)) throw new UserError({ rule: `the ` +
        `${name === 'max' ? 'largest' : 'smallest'} of no elements does not exist: ${formatShape(type.shape)} is ` +
          `empty along a reduced axis.` })
      return inferReduce([type], attributes)
    },
    // Elements that tie share the gradient, as in PyTorch's amax; where the result is NaN, so are the gradients.
    gradient({ inputs: [x], output, gradient, attributes: { axes } }) {
      const input = x as Tensor
      const result = keepAxes(output, input, axes)
      // Which elements tie does not change with a small change of x.
      const ties = detach(cast(equal(input, expand(result, input.shape)), 'float32'))
      return [where(
        worse(input, result), 0, mul(ties, div(keepAxes(gradient, input, axes), sum(ties, { axes, keepDims: true }))),
      )]
    },
    // With the axes as an attribute: the form of opset 17.
    onnx(emitter, { names: [x], inputs: [type], attributes: { axes, keepDims } }) {
      const reduce = (op: string, value: string) => emitter.node(op, [value], { axes, keepdims: keepDims ? 1 : 0 })
      const { dtype } = type as TensorType
      if (axes.length === 0) return emitter.node('Identity', [x as string])
      if (dtype === 'bool') return emitter.cast(reduce(onnx, emitter.cast(x as string, 'uint8')), 'bool')
      if (dtype !== 'float32') return reduce(onnx, x as string)
      // The kernels pass over what is not a number.
      const spoilt = emitter.cast(
        reduce('ReduceMax', emitter.cast(emitter.node('IsNaN', [x as string]), 'float32')), 'bool',
      )
      return emitter.node('Where', [spoilt, emitter.constant(NaN, 'float32'), reduce(onnx, x as string)])
    },
    reference({ inputs: [x], output, attributes: { axes } }) {
      const source = x as ReferenceValue
      const best = new Float64Array(output.data.length).fill(worst)
      eachReduced(
        source.shape, axes, (from, to) => (best[to] = better(best[to] as number, source.data[from] as number)),
      )
      output.data.set(best)
    },
    samples: [
      ...SAMPLES,
      { inputs: [{ shape: [5, 4], values: SPECIAL }], attributes: { axes: [1], keepDims: false }, singular: true },
      { inputs: [{ shape: [4, 5], values: SPECIAL }], attributes: { axes: [0], keepDims: true }, singular: true },
      {
        inputs: [{ shape: [2, 20], values: [...SPECIAL, ...SPECIAL.toReversed()] }],
        attributes: { axes: [0, 1], keepDims: false }, singular: true,
      },
      ...(['int32', 'uint8', 'bool'] as const).map(dtype => ({
        inputs: [{ shape: [2, 3], dtype, low: 0, high: dtype === 'bool' ? 2 : 200 }],
        attributes: { axes: [1], keepDims: false },
      })),
      {
        inputs: [{ shape: [3], dtype: 'int32', values: [-(2 ** 31), 5, 2 ** 31 - 1] }],
        attributes: { axes: [0], keepDims: false },
      },
    ],
  })
  return (x, options = {}) => Tensor.apply(op, [x], reduceOptions(name, x, options))
}

/** Largest element over axes (default all), NaN where one is. */
export const max = defineExtreme('max', {
  onnx: 'ReduceMax', worst: -Infinity, better: Math.max, worse: (a, b) => less(a, b),
})

/** Smallest element over axes (default all), NaN where one is. */
export const min = defineExtreme('min', {
  onnx: 'ReduceMin', worst: Infinity, better: Math.min, worse: (a, b) => greater(a, b),
})

interface PositionAttributes extends Attributes {
  readonly axis: number
  readonly keepDims: boolean
}

/** The position of the largest or smallest element. */
function definePosition(
  name: 'argmax' | 'argmin', onnx: 'ArgMax' | 'ArgMin',
): (x: Tensor, options?: { axis?: number; keepDims?: boolean }) => Tensor {
  const sign = name === 'argmax' ? 1 : -1
  const op = defineOp<PositionAttributes>({
    name,
    infer([x], { axis, keepDims }) {
      const { shape } = x as TensorType
      if (shape[axis] === 0) throw new UserError({ rule: `the ${name === 'argmax' ? 'largest' : 'smallest'} of no ` +
        `elements has no position: ${formatShape(shape)} is empty along axis ${axis}.` })
      return { shape: reducedShape(shape, [axis], keepDims), dtype: 'int32' }
    },
    gradient: null,
    onnx(emitter, { names: [x], inputs: [type], attributes: { axis, keepDims } }) {
      const keepdims = keepDims ? 1 : 0
      const at = (op: string, value: string) => emitter.node(op, [value], { axis, keepdims })
      const { dtype } = type as TensorType
      if (dtype !== 'float32') return emitter.cast(
        at(onnx, dtype === 'bool' ? emitter.cast(x as string, 'uint8') : (x as string)), 'int32',
      )
      // The kernel passes over what is not a number: the first of those counts as the best.
      const spoilt = emitter.cast(emitter.node('IsNaN', [x as string]), 'float32')
      const any = emitter.cast(emitter.node('ReduceMax', [spoilt], { axes: [axis], keepdims }), 'bool')
      return emitter.cast(emitter.node('Where', [any, at('ArgMax', spoilt), at(onnx, x as string)]), 'int32')
    },
    reference({ inputs: [x], output, attributes: { axis } }) {
      const source = x as ReferenceValue
      const best = new Float64Array(output.data.length).fill(-Infinity)
      const stride = stridesOf(source.shape)[axis] as number
      const size = sizeAt(source.shape, axis)
      eachReduced(source.shape, [axis], (from, to) => {
        const value = sign * (source.data[from] as number)
        const known = best[to] as number
        if (value > known || (Number.isNaN(value) && !Number.isNaN(known))) {
          best[to] = value
          output.data[to] = Math.floor(from / stride) % size
        }
      })
    },
    samples: [
      { inputs: [{ shape: [4, 5], low: -2, high: 2 }], attributes: { axis: 1, keepDims: false } },
      { inputs: [{ shape: [4, 5], low: -2, high: 2 }], attributes: { axis: 0, keepDims: true } },
      { inputs: [{ shape: [1, 4], values: [1, 3, 3, 2] }], attributes: { axis: 1, keepDims: false } },
      { inputs: [{ shape: [5, 4], values: SPECIAL }], attributes: { axis: 1, keepDims: false }, singular: true },
      { inputs: [{ shape: [4, 5], values: SPECIAL }], attributes: { axis: 0, keepDims: true }, singular: true },
      ...(['int32', 'uint8', 'bool'] as const).map(dtype => ({
        inputs: [{ shape: [2, 4], dtype, low: 0, high: dtype === 'bool' ? 2 : 200 }],
        attributes: { axis: 1, keepDims: false },
      })),
    ],
  })
  return (x, options = {}) => {
    const { axis = -1, keepDims = false } = checkOptions(name, options, { axis: kinds.whole(), keepDims: kinds.flag })
    return Tensor.apply(op, [x], { axis: normalizeAxis(axis, tensorOf(name, x).rank, name), keepDims })
  }
}

/**
 * Position of the largest element along an axis (int32); the first of equals, and of those that are not numbers where
 * there are any.
 */
export const argmax = definePosition('argmax', 'ArgMax')

/**
 * Position of the smallest element along an axis (int32); the first of equals, and of those that are not numbers where
 * there are any.
 */
export const argmin = definePosition('argmin', 'ArgMin')
