// Puts values into a tensor at places that are given by indices.
import { UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { sameShape, sizeOf } from '../ir/shape.ts'
import { formatType, requireTensors, tensor, Tensor, zeros } from '../ir/tensor.ts'
import { mul } from './elementwise.ts'
import { entryOf, gather, requireIndices } from './gather.ts'
import { sum } from './reduce.ts'
import { reshape } from './shape.ts'

/** How far apart neighbours on each of the first axes are, counted in the parts behind them. */
const stridesOf = (sizes: readonly number[]): number[] => sizes.map((_, axis) => sizeOf(sizes.slice(axis + 1)))

const indexPutOp = defineOp<Attributes>({
  name: 'indexPut',
  infer(inputs) {
    const [source, places, values] = inputs as readonly [TensorType, TensorType, TensorType]
    requireIndices(places)
    const [count = 0, axes = 0] = places.shape
    const isList = places.shape.length === 2 && axes >= 1 && axes <= source.shape.length
    const fits = isList && sameShape(values.shape, [count, ...source.shape.slice(axes)])
    if (!fits || values.dtype !== source.dtype) {
      throw new UserError({
        rule: 'indices are int32 [N, K], and values are [N, ...] with the axes of the tensor behind the first K.',
        received: [source, places, values].map(formatType).join(' and '),
      })
    }
    return { shape: source.shape, dtype: source.dtype }
  },
  gradient({ inputs, gradient }) {
    const [, places, values] = inputs as readonly [Tensor, Tensor, Tensor]
    const axes = places.shape[1] as number
    const first = gradient.shape.slice(0, axes)
    // Negative indices count from the end, in the flat list of parts as well.
    const flat = sum(mul(places, tensor(Int32Array.from(stridesOf(first)), { shape: [axes] })), { axes: 1 })
    const parts = reshape(gradient, [sizeOf(first), ...gradient.shape.slice(axes)])
    return [indexPut(gradient, places, zeros(values.shape)), null, gather(parts, flat)]
  },
  onnx(emitter, { names: [x, indices, values] }) {
    const places = emitter.cast(indices as string, 'int64')
    return emitter.node('ScatterND', [x as string, places, values as string], {})
  },
  reference({ inputs, output }) {
    const [source, places, values] = inputs as readonly [ReferenceValue, ReferenceValue, ReferenceValue]
    const [count = 0, axes = 0] = places.shape
    const sizes = source.shape.slice(0, axes)
    const strides = stridesOf(sizes)
    const part = sizeOf(source.shape.slice(axes))
    output.data.set(source.data)
    for (let n = 0; n < count; n++) {
      const at = sizes.reduce(
        (sum, size, axis) => sum + entryOf(places.data[n * axes + axis] as number, size) * (strides[axis] as number),
        0,
      )
      for (let i = 0; i < part; i++) output.data[at * part + i] = values.data[n * part + i] as number
    }
  },
  samples: [
    {
      inputs: [
        { shape: [4, 3], low: -2, high: 2 },
        { shape: [2, 1], dtype: 'int32', values: [3, 0] },
        { shape: [2, 3], low: -2, high: 2 },
      ],
      attributes: {},
    },
    {
      inputs: [
        { shape: [2, 3, 2], low: -2, high: 2 },
        { shape: [3, 2], dtype: 'int32', values: [0, 1, 1, 2, 0, 0] },
        { shape: [3, 2], low: -2, high: 2 },
      ],
      attributes: {},
    },
    {
      inputs: [
        { shape: [2, 3], dtype: 'int32', values: [1, 2, 3, 4, 5, 6] },
        { shape: [2, 2], dtype: 'int32', values: [1, 0, 0, 2] },
        { shape: [2], dtype: 'int32', values: [7, 8] },
      ],
      attributes: {},
    },
  ],
})

/**
 * x with the parts that indices name replaced by values: `x[i0, i1, ...] = value` for each row of the indices.
 * PyTorch's `index_put`; no part may be named twice.
 * @param indices int32 [N, K], of the first K axes of x; from 0
 * @param values [N, ...], with the axes of x behind the first K
 */
export function indexPut(x: Tensor, indices: Tensor, values: Tensor): Tensor {
  requireTensors('indexPut', x, indices, values)
  return Tensor.apply(indexPutOp, [x, indices, values], {})
}
