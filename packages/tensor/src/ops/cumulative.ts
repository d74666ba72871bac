// Sums over all elements up to each one.
import { checkOptions, kinds } from '../errors.ts'
import { defineOp, type Attributes, type OpDefinition, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { normalizeAxis, sizeAt } from '../ir/shape.ts'
import { Tensor, tensorOf } from '../ir/tensor.ts'
import { eachLine } from './softmax.ts'

interface CumulativeAttributes extends Attributes {
  readonly axis: number
  readonly exclusive: boolean
  readonly reverse: boolean
}

/** Lengths up to which the kernel's float32 additions are precise enough; longer sums are added in double precision. */
const SHORT = 64

const cumSumOp: OpDefinition<CumulativeAttributes> = defineOp<CumulativeAttributes>({
  name: 'cumSum',
  infer([x]) {
    const { shape, dtype } = x as TensorType
    return { shape, dtype: dtype === 'float32' ? 'float32' : 'int32' }
  },
  gradient: ({ gradient, attributes }) => [
    Tensor.apply(cumSumOp, [gradient], { ...attributes, reverse: !attributes.reverse }),
  ],
  onnx(emitter, { names: [x], inputs: [type], output, attributes: { axis, exclusive, reverse } }) {
    const { shape, dtype } = type as TensorType
    const sum = (value: string) =>
      emitter.node('CumSum', [value, emitter.constant(axis, 'int32')], {
        exclusive: exclusive ? 1 : 0,
        reverse: reverse ? 1 : 0,
      })
    const precise = dtype !== 'float32' || sizeAt(shape, axis) > SHORT
    if (!precise || emitter.provider === 'webgpu') return sum(emitter.cast(x as string, output.dtype))
    // Those of int64 are cut to 32 bits, so that they wrap as sums of two do.
    return emitter.cast(sum(emitter.cast(x as string, dtype === 'float32' ? 'float64' : 'int64')), output.dtype)
  },
  reference({ inputs: [x], output, attributes: { axis, exclusive, reverse } }) {
    const { data } = x as ReferenceValue
    eachLine(output, axis, (start, stride, size) => {
      let total = 0
      for (let k = 0; k < size; k++) {
        const at = start + (reverse ? size - 1 - k : k) * stride
        const next = total + (data[at] as number)
        output.data[at] = exclusive ? total : next
        total = next
      }
    })
  },
  samples: [
    { inputs: [{ shape: [7], low: -2, high: 2 }], attributes: { axis: 0, exclusive: false, reverse: false } },
    { inputs: [{ shape: [2, 3, 4], low: -2, high: 2 }], attributes: { axis: 1, exclusive: true, reverse: false } },
    { inputs: [{ shape: [2, 3, 4], low: -2, high: 2 }], attributes: { axis: 2, exclusive: false, reverse: true } },
    { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { axis: 0, exclusive: true, reverse: true } },
    { inputs: [{ shape: [2, 100], low: -2, high: 2 }], attributes: { axis: 1, exclusive: false, reverse: false } },
    {
      inputs: [{ shape: [4], values: [1, NaN, 2, Infinity] }],
      attributes: { axis: 0, exclusive: false, reverse: false },
      singular: true,
    },
    {
      inputs: [{ shape: [2, 3], dtype: 'int32', values: [2 ** 31 - 1, 1, 5, -(2 ** 31), -1, 0] }],
      attributes: { axis: 1, exclusive: false, reverse: false },
    },
    {
      inputs: [{ shape: [2, 3], dtype: 'uint8', values: [255, 255, 1, 0, 2, 3] }],
      attributes: { axis: 1, exclusive: false, reverse: false },
    },
    {
      inputs: [{ shape: [2, 3], dtype: 'bool', values: [1, 0, 1, 1, 1, 1] }],
      attributes: { axis: 1, exclusive: false, reverse: false },
    },
    { inputs: [{ shape: [2, 0] }], attributes: { axis: 1, exclusive: false, reverse: false } },
  ],
})

/** Settings of a cumulative sum. */
export interface CumSumOptions {
  /** Default the last. */
  readonly axis?: number
  /** Whether each sum leaves its own element out; default no. */
  readonly exclusive?: boolean
  /** Whether to add from the end; default no. */
  readonly reverse?: boolean
}

/** The sum of all elements up to each one along an axis; sums of bool and integers are int32 and wrap at 32 bits. */
export function cumSum(x: Tensor, options: CumSumOptions = {}): Tensor {
  const { axis = -1, exclusive = false, reverse = false } = checkOptions('cumSum', options, {
    axis: kinds.whole(), exclusive: kinds.flag, reverse: kinds.flag,
  })
  return Tensor.apply(cumSumOp, [x], { axis: normalizeAxis(axis, tensorOf('cumSum', x).rank), exclusive, reverse })
}
