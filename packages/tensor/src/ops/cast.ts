// Ops that keep values and change what they are: their dtype, or whether gradients flow through them.
import { checkArgument } from '../errors.ts'
import { dtypeKind, type DType } from '../ir/dtype.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { Tensor, tensorOf } from '../ir/tensor.ts'
import { ONNX_DTYPES } from '../onnx/emitter.ts'

interface CastAttributes extends Attributes {
  readonly to: DType
}

const castOp = defineOp<CastAttributes>({
  name: 'cast',
  infer: ([x], { to }) => ({ shape: x?.shape ?? [], dtype: to }),
  gradient: ({ inputs: [x], gradient: g }) => [x?.dtype === 'float32' ? g : null],
  onnx: (emitter, { names, attributes }) => emitter.node('Cast', names, { to: ONNX_DTYPES[attributes.to] }),
  reference({ inputs: [x], output, attributes: { to } }) {
    const data = (x as ReferenceValue).data
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number
      output.data[i] = to === 'bool' ? Number(value !== 0) : to === 'float32' ? value : wholeOf(value)
    }
  },
  samples: [
    { inputs: [{ shape: [2, 3], dtype: 'uint8', low: 0, high: 255 }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [2, 3], dtype: 'float32', low: -5, high: 5 }], attributes: { to: 'int32' } },
    { inputs: [{ shape: [2, 3], dtype: 'int32', low: -5, high: 5 }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [4], dtype: 'bool', low: 0, high: 2 }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [4], dtype: 'int32', low: 0, high: 3 }], attributes: { to: 'bool' } },
  ],
})

/** The whole part, and -2^31 for what int32 does not hold, as PyTorch and the native kernels have it on x86. */
const wholeOf = (value: number) => (Math.abs(value) < 2 ** 31 ? Math.trunc(value) : -(2 ** 31))

/**
 * The same values in another dtype; fractions are dropped on the way to integers. What an integer dtype does not hold,
 * NaN included, becomes a number that depends on the processor, as in PyTorch.
 */
export function cast(x: Tensor, to: DType): Tensor {
  checkArgument('cast', 'the dtype', to, dtypeKind)
  return tensorOf('cast', x).dtype === to ? x : Tensor.apply(castOp, [x], { to })
}

const detachOp = defineOp<Readonly<Record<string, never>>>({
  name: 'detach',
  infer: ([x]) => x as TensorType,
  gradient: 'zero',
  onnx: (_emitter, { names }) => names[0] as string,
  reference: ({ inputs: [x], output }) => output.data.set((x as ReferenceValue).data),
  samples: [{ inputs: [{ shape: [2, 2], low: -1, high: 1 }], attributes: {} }],
})

/** The same values, treated as constant by `differentiate`. */
export const detach = (x: Tensor): Tensor => Tensor.apply(detachOp, [x], {})
