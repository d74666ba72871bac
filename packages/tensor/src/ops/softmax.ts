// Softmax and its logarithm.
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { normalizeAxis, sizeAt, sizeOf } from '../ir/shape.ts'
import { Tensor, tensorOf } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { detach } from './cast.ts'
import { where } from './choice.ts'
import { requireDType } from './define-elementwise.ts'
import { abs, add, exp, less, log, mul, sub } from './elementwise.ts'
import { max, sum } from './reduce.ts'

interface AxisAttributes extends Attributes {
  readonly axis: number
}

/** Visits each line of elements along an axis: its first element, the distance between elements, and their number. */
export function eachLine(
  value: ReferenceValue, axis: number, f: (start: number, stride: number, size: number) => void,
): void {
  const size = sizeAt(value.shape, axis)
  const stride = sizeOf(value.shape.slice(axis + 1))
  const outer = sizeOf(value.shape.slice(0, axis))
  for (let i = 0; i < outer; i++) for (let j = 0; j < stride; j++) f(i * size * stride + j, stride, size)
}

/** Exponents need fractions. */
function inferFloat(types: readonly TensorType[]): TensorType {
  requireDType(types, ['float32'])
  return types[0] as TensorType
}

/** Fills `output` with log-softmax: x - max - log(sum(exp(x - max))). */
function referenceLogSoftmax({
  inputs: [x], output, attributes: { axis },
}: { inputs: readonly ReferenceValue[]; output: ReferenceValue; attributes: AxisAttributes }): void {
  const { data } = x as ReferenceValue
  eachLine(output, axis, (start, stride, size) => {
    let largest = -Infinity
    for (let k = 0; k < size; k++) largest = Math.max(largest, data[start + k * stride] as number)
    let total = 0
    for (let k = 0; k < size; k++) total += Math.exp((data[start + k * stride] as number) - largest)
    for (let k = 0; k < size; k++) output.data[start + k * stride] = (data[start + k * stride] as number) -
      largest - Math.log(total)
  })
}

const SAMPLES = [
  { inputs: [{ shape: [3, 4], low: -3, high: 3 }], attributes: { axis: 1 } },
  { inputs: [{ shape: [2, 3, 2], low: -3, high: 3 }], attributes: { axis: 1 } },
]

const softmaxOp = defineOp<AxisAttributes>({
  name: 'softmax',
  infer: inferFloat,
  // d softmax = y (g - sum(g y))
  gradient: ({ output: y, gradient, attributes: { axis } }) =>
    [mul(y, sub(gradient, sum(mul(gradient, y), { axes: axis, keepDims: true })))],
  onnx: (emitter, { names, attributes }) => emitter.node('Softmax', names, { axis: attributes.axis }),
  reference(application) {
    referenceLogSoftmax(application)
    const { data } = application.output
    for (let i = 0; i < data.length; i++) data[i] = Math.exp(data[i] as number)
  },
  samples: SAMPLES,
})

/** e^x divided by its sum along an axis (default the last): positive numbers that add up to 1. */
export const softmax = (x: Tensor, axis = -1): Tensor =>
  Tensor.apply(softmaxOp, [x], { axis: normalizeAxis(axis, tensorOf('softmax', x).rank, 'softmax') })

/** Emits log-softmax; WebGPU has no kernel of that name. */
export function emitLogSoftmax(emitter: Emitter, x: string, axis: number): string {
  if (emitter.provider !== 'webgpu') return emitter.node('LogSoftmax', [x], { axis })
  const shifted = emitter.node('Sub', [x, emitter.node('ReduceMax', [x], { axes: [axis], keepdims: 1 })])
  const exponentials = emitter.node('Exp', [shifted])
  const total = emitter.node('ReduceSum', [exponentials, emitter.constant([axis], 'int64')], { keepdims: 1 })
  return emitter.node('Sub', [shifted, emitter.node('Log', [total])])
}

const logSoftmaxOp = defineOp<AxisAttributes>({
  name: 'logSoftmax',
  infer: inferFloat,
  // d logSoftmax = g - softmax sum(g). softmax(x) is used rather than exp(y): it is one kernel.
  gradient: ({ inputs: [x], gradient, attributes: { axis } }) =>
    [sub(gradient, mul(softmax(x as Tensor, axis), sum(gradient, { axes: axis, keepDims: true })))],
  onnx: (emitter, { names: [x], attributes: { axis } }) => emitLogSoftmax(emitter, x as string, axis),
  reference: referenceLogSoftmax,
  samples: SAMPLES,
})

/** The logarithm of softmax along an axis (default the last), without overflow. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  Tensor.apply(logSoftmaxOp, [x], { axis: normalizeAxis(axis, tensorOf('logSoftmax', x).rank, 'logSoftmax') })

/**
 * log(sum(e^x)) along an axis (default the last), without overflow; the axis is kept with size 1. It is -Infinity where
 * all elements are, and Infinity where one is.
 */
export function logSumExp(x: Tensor, axis = -1): Tensor {
  const along = normalizeAxis(axis, tensorOf('logSumExp', x).rank, 'logSumExp')
  const peak = detach(max(x, { axes: along, keepDims: true }))
  // An infinite peak cannot be taken off: infinity minus itself is not a number.
  const largest = where(less(abs(peak), Infinity), peak, 0)
  return add(largest, log(sum(exp(sub(x, largest)), { axes: along, keepDims: true })))
}
