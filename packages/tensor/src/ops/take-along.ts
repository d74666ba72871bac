// Ops that pick one element for each index along an axis, and the scatter that is their gradient.
import { UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { broadcastShapes, formatShape, normalizeAxis, sameShape, sizeAt, sizeOf, stridesOf } from '../ir/shape.ts'
import { formatType, requireTensors, Tensor } from '../ir/tensor.ts'
import { entryOf, requireIndices } from './gather.ts'
import { expand } from './shape.ts'

interface AxisAttributes extends Attributes {
  readonly axis: number
}

/**
 * Visits the elements of an index tensor: where each lies in it, and where its entry lies in a tensor with `size`
 * entries along the axis.
 */
function eachEntry(
  indices: ReferenceValue,
  axis: number,
  size: number,
  visit: (at: number, entry: number) => void,
): void {
  const count = sizeAt(indices.shape, axis)
  const stride = stridesOf(indices.shape)[axis] as number
  for (let at = 0; at < indices.data.length; at++) {
    const inner = at % stride
    const outer = Math.floor(at / (stride * count))
    visit(at, (outer * size + entryOf(indices.data[at] as number, size)) * stride + inner)
  }
}

const takeAlongAxisOp = defineOp<AxisAttributes>({
  name: 'takeAlongAxis',
  infer([x, indices], { axis }) {
    const [source, positions] = [x as TensorType, indices as TensorType]
    requireIndices(positions)
    if (!sameShape(positions.shape, source.shape.with(axis, positions.shape[axis] ?? 0))) {
      throw new UserError({
        rule: `the indices must have the shape of the tensor but for axis ${axis}.`,
        received: `${formatShape(source.shape)} and indices ${formatShape(positions.shape)}`,
      })
    }
    return { shape: positions.shape, dtype: source.dtype }
  },
  gradient: ({ inputs: [x, indices], gradient, attributes: { axis } }) => [
    scatterAddAlongAxis(indices as Tensor, gradient, sizeAt((x as Tensor).shape, axis), axis),
    null,
  ],
  onnx: (emitter, { names, attributes }) => emitter.node('GatherElements', names, { axis: attributes.axis }),
  reference({ inputs: [x, indices], output, attributes: { axis } }) {
    const source = x as ReferenceValue
    eachEntry(
      indices as ReferenceValue,
      axis,
      sizeAt(source.shape, axis),
      (at, entry) => (output.data[at] = source.data[entry] as number),
    )
  },
  samples: [
    {
      inputs: [
        { shape: [3, 4], low: -2, high: 2 },
        { shape: [3, 2], dtype: 'int32', values: [3, 0, 1, 1, -1, 2] },
      ],
      attributes: { axis: 1 },
    },
    {
      inputs: [
        { shape: [3, 2, 2], low: -2, high: 2 },
        { shape: [4, 2, 2], dtype: 'int32', low: -3, high: 3 },
      ],
      attributes: { axis: 0 },
    },
    {
      inputs: [
        { shape: [2, 5, 3], low: -2, high: 2 },
        { shape: [2, 1, 3], dtype: 'int32', low: 0, high: 5 },
      ],
      attributes: { axis: 1 },
    },
    ...(['int32', 'uint8', 'bool'] as const).map(dtype => ({
      inputs: [
        { shape: [2, 3], dtype, values: [1, 0, 1, 0, 1, 1] },
        { shape: [2, 2], dtype: 'int32' as const, values: [2, 1, 0, -1] },
      ],
      attributes: { axis: 1 },
    })),
    { inputs: [{ shape: [2, 3] }, { shape: [2, 0], dtype: 'int32' }], attributes: { axis: 1 } },
  ],
})

/**
 * For each index the element that it names along an axis (default the last), negative ones counted from the end;
 * NumPy's `take_along_axis`. The other axes of the indices must be as long as the tensor's, or of size 1, which
 * repeats.
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis = -1): Tensor {
  requireTensors('takeAlongAxis', x, indices)
  const at = normalizeAxis(axis, x.rank)
  const shape = broadcastShapes(x.shape.with(at, 1), indices.shape)
  const repeated = shape?.length === x.rank ? expand(indices, shape) : indices
  return Tensor.apply(takeAlongAxisOp, [x, repeated], { axis: at })
}

interface ScatterAttributes extends AxisAttributes {
  readonly size: number
}

const scatterAddAlongAxisOp = defineOp<ScatterAttributes>({
  name: 'scatterAddAlongAxis',
  infer([indices, updates], { axis, size }) {
    const [positions, values] = [indices as TensorType, updates as TensorType]
    requireIndices(positions)
    if (values.dtype !== 'float32' || !sameShape(positions.shape, values.shape)) {
      throw new UserError({
        rule: 'the updates must be float32 and have the shape of the indices.',
        received: [positions, values].map(formatType).join(' and '),
      })
    }
    if (!Number.isInteger(size) || size < 0)
      throw new UserError({ rule: 'the size must be a whole number of at least 0.', received: String(size) })
    return { shape: positions.shape.with(axis, size), dtype: 'float32' }
  },
  gradient: ({ inputs: [indices], gradient, attributes: { axis } }) => [
    null,
    takeAlongAxis(gradient, indices as Tensor, axis),
  ],
  onnx(emitter, { names: [indices, updates], inputs: [positions], output, attributes: { axis } }) {
    const zeros = emitter.zeros(output.shape)
    if (sizeOf((positions as TensorType).shape) === 0) return zeros
    return emitter.node('ScatterElements', [zeros, indices as string, updates as string], { axis, reduction: 'add' })
  },
  reference({ inputs: [indices, updates], output, attributes: { axis, size } }) {
    const { data } = updates as ReferenceValue
    eachEntry(indices as ReferenceValue, axis, size, (at, entry) => {
      output.data[entry] = (output.data[entry] as number) + (data[at] as number)
    })
  },
  samples: [
    {
      inputs: [
        { shape: [3, 2], dtype: 'int32', values: [3, 0, 1, 1, -1, 2] },
        { shape: [3, 2], low: -2, high: 2 },
      ],
      attributes: { axis: 1, size: 4 },
    },
    {
      inputs: [
        { shape: [4, 2, 2], dtype: 'int32', low: -3, high: 3 },
        { shape: [4, 2, 2], low: -2, high: 2 },
      ],
      attributes: { axis: 0, size: 3 },
    },
    { inputs: [{ shape: [2, 0], dtype: 'int32' }, { shape: [2, 0] }], attributes: { axis: 1, size: 3 } },
  ],
})

/**
 * Adds each update to zeros at the entry that its index names along an axis (default the last), which then has `size`
 * entries: the reverse of {@link takeAlongAxis}. Indices and updates have one shape.
 */
export function scatterAddAlongAxis(indices: Tensor, updates: Tensor, size: number, axis = -1): Tensor {
  requireTensors('scatterAddAlongAxis', indices, updates)
  return Tensor.apply(scatterAddAlongAxisOp, [indices, updates], { axis: normalizeAxis(axis, indices.rank), size })
}
