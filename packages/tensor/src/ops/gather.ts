// Ops that pick elements by position, and the scatter that is their gradient.
import { checkArgument, kinds, UserError } from '../errors.ts'
import { MOST_ELEMENTS } from '../ir/dtype.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape, normalizeAxis, sizeAt, sizeOf } from '../ir/shape.ts'
import { formatType, range, Tensor, tensorOf } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { indexOutOfRange } from '../runtimes/explain-error.ts'
import { cast } from './cast.ts'
import { equal } from './elementwise.ts'
import { classLabels } from './labels.ts'
import { transpose, unsqueeze } from './shape.ts'

interface AxisAttributes extends Attributes {
  readonly axis: number
}

export function requireIndices(type: TensorType): void {
  if (type.dtype !== 'int32') throw new UserError({
    rule: 'the indices must be int32.', received: formatType(type), next: "Cast them: x.cast('int32').",
  })
}

/** The entry of an axis of `size` that an index names; negative ones count from the end, or are refused. */
export function entryOf(index: number, size: number, fromEnd = true): number {
  if (index < (fromEnd ? -size : 0) || index >= size) throw indexOutOfRange(index, size, { fromEnd })
  return index < 0 ? index + size : index
}

interface GatherAttributes extends AxisAttributes {
  /** Whether negative indices are refused. */
  readonly fromZero?: boolean
}

const gatherOp = defineOp<GatherAttributes>({
  name: 'gather',
  infer([x, indices], { axis }) {
    const [source, positions] = [x as TensorType, indices as TensorType]
    requireIndices(positions)
    return { shape: source.shape.toSpliced(axis, 1, ...positions.shape), dtype: source.dtype }
  },
  gradient({ inputs: [x, indices], gradient, attributes: { axis } }) {
    const [source, positions] = [x as Tensor, indices as Tensor]
    const axes = Array.from({ length: gradient.rank }, (_, i) => i)
    const picked = axes.slice(axis, axis + positions.rank)
    // The gathered axes first, scatter along the first axis, then back to its place.
    const rows = transpose(gradient, [...picked, ...axes.slice(0, axis), ...axes.slice(axis + positions.rank)])
    const scattered = scatterAdd(positions, rows, sizeAt(source.shape, axis))
    const order = Array.from({ length: source.rank }, (_, i) => i)
    return [transpose(scattered, order.map(i => (i === axis ? 0 : i < axis ? i + 1 : i))), null]
  },
  onnx: (emitter, { names, attributes }) => emitter.node('Gather', names, { axis: attributes.axis }),
  reference({ inputs: [x, indices], output, attributes: { axis, fromZero = false } }) {
    const [source, positions] = [x as ReferenceValue, indices as ReferenceValue]
    const size = sizeAt(source.shape, axis)
    const inner = sizeOf(source.shape.slice(axis + 1))
    const outer = sizeOf(source.shape.slice(0, axis))
    const count = positions.data.length
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const from = (o * size + entryOf(positions.data[k] as number, size, !fromZero)) * inner
        const to = (o * count + k) * inner
        for (let i = 0; i < inner; i++) output.data[to + i] = source.data[from + i] as number
      }
    }
  },
  samples: [
    {
      inputs: [{ shape: [5, 3], low: -2, high: 2 }, { shape: [4], dtype: 'int32', values: [4, 0, 0, 2] }],
      attributes: { axis: 0 },
    },
    {
      inputs: [{ shape: [2, 4, 3], low: -2, high: 2 }, { shape: [2, 2], dtype: 'int32', values: [3, 1, 1, 0] }],
      attributes: { axis: 1 },
    },
    { inputs: [
      { shape: [2, 4], low: -2, high: 2 }, { shape: [], dtype: 'int32', values: [2] },
    ], attributes: { axis: 1 } },
    {
      inputs: [{ shape: [3, 2], low: -2, high: 2 }, { shape: [4], dtype: 'int32', values: [-1, 0, -3, -1] }],
      attributes: { axis: 0 },
    },
    { inputs: [{ shape: [3, 2], low: -2, high: 2 }, { shape: [0], dtype: 'int32' }], attributes: { axis: 0 } },
  ],
})

/**
 * Picks entries along an axis by position, negative ones counted from the end: the result has the shape of the indices
 * in the place of that axis.
 */
export const gather = (x: Tensor, indices: Tensor, axis = 0): Tensor =>
  Tensor.apply(gatherOp, [x, indices], { axis: normalizeAxis(axis, tensorOf('gather', x).rank, 'gather') })

/**
 * The rows of a table that indices name, counted from 0. A negative index is refused, as PyTorch's embedding does,
 * where it is fed or constant: one that is computed names a row from the end on ONNX.
 * @param table [rows, ...], from which the result has the axes behind the first
 */
export const embedding = (indices: Tensor, table: Tensor): Tensor =>
  Tensor.apply(gatherOp, [table, indices], {
    axis: normalizeAxis(0, tensorOf('embedding', table).rank, 'embedding'),
    fromZero: true,
  })

interface SizeAttributes extends Attributes {
  readonly size: number
}

/** Up to this many rows a product with one-hot rows is faster than scattering; measured at 64 columns and more. */
const ONE_HOT_UP_TO = 512

const scatterAddOp = defineOp<SizeAttributes>({
  name: 'scatterAdd',
  infer([indices, updates], { size }) {
    const [positions, rows] = [indices as TensorType, updates as TensorType]
    requireIndices(positions)
    if (formatShape(rows.shape.slice(0, positions.shape.length)) !== formatShape(positions.shape) ||
      rows.dtype !== 'float32') {
      throw new UserError({ rule: `the updates must be float32 and their shape must begin with the shape of the ` +
        `indices, ${formatShape(positions.shape)}.`, received: formatType(rows) })
    }
    return { shape: [size, ...rows.shape.slice(positions.shape.length)], dtype: 'float32' }
  },
  gradient: ({ inputs: [indices], gradient }) => [null, gather(gradient, indices as Tensor)],
  onnx(emitter, { names: [indices, updates], inputs: [positions], output, attributes: { size } }) {
    const count = sizeOf((positions as TensorType).shape)
    const width = sizeOf(output.shape.slice(1))
    if (count === 0) return emitter.zeros(output.shape)
    const rows = emitter.reshape(updates as string, [count, width])
    const entries = emitter.constant(Array.from({ length: size }, (_, i) => i), 'int32')
    // Looked up in the list of entries, an index beyond them is an error and a negative one counts from the end.
    const flat = emitter.node('Gather', [entries, emitter.reshape(indices as string, [count, 1])])
    // Never ScatterND with reduction=add: on two threads it loses updates.
    const scatter = (form: Emitter) => form.node(
      'ScatterElements',
      [form.zeros([size, width]), form.node('Expand', [flat, form.constant([count, width], 'int64')]), rows],
      { axis: 0, reduction: 'add' },
    )
    // A product with one-hot rows is faster, but infinity times 0 is not a number.
    const multiply = (form: Emitter) =>
      form.node('Gemm', [form.cast(form.node('Equal', [flat, entries]), 'float32'), rows], { transA: 1 })
    const total = () => emitter.node('ReduceSum', [rows], { keepdims: 0 })
    const infinite = () => emitter.node('IsNaN', [emitter.node('Mul', [total(), emitter.constant(0, 'float32')])])
    const scattered = size > ONE_HOT_UP_TO ? scatter(emitter)
      : emitter.either(infinite, { shape: [size, width], dtype: 'float32' }, scatter, multiply)
    return emitter.reshape(scattered, output.shape)
  },
  reference({ inputs: [indices, updates], output, attributes: { size } }) {
    const [positions, rows] = [indices as ReferenceValue, updates as ReferenceValue]
    const width = sizeOf(output.shape.slice(1))
    positions.data.forEach((position, k) => {
      const to = entryOf(position, size) * width
      for (let i = 0; i < width; i++) output.data[to + i] = (output.data[to + i] as number) +
        (rows.data[k * width + i] as number)
    })
  },
  samples: [
    {
      inputs: [{ shape: [4], dtype: 'int32', values: [4, 0, 0, 2] }, { shape: [4, 3], low: -2, high: 2 }],
      attributes: { size: 5 },
    },
    {
      inputs: [{ shape: [2, 2], dtype: 'int32', values: [1, 1, 0, 1] }, { shape: [2, 2], low: -2, high: 2 }],
      attributes: { size: 3 },
    },
    {
      inputs: [{ shape: [3], dtype: 'int32', values: [600, 2, 600] }, { shape: [3, 2], low: -2, high: 2 }],
      attributes: { size: 601 },
    },
    {
      inputs: [{ shape: [3], dtype: 'int32', values: [-1, 0, -3] }, { shape: [3, 2], low: -2, high: 2 }],
      attributes: { size: 3 },
    },
    {
      inputs: [{ shape: [3], dtype: 'int32', values: [-1, 0, -600] }, { shape: [3, 2], low: -2, high: 2 }],
      attributes: { size: 600 },
    },
    { inputs: [{ shape: [0], dtype: 'int32' }, { shape: [0, 2] }], attributes: { size: 3 } },
    { inputs: [
      { shape: [3], dtype: 'int32', values: [2, 0, 2] }, { shape: [3, 2], values: [NaN, 1, Infinity, -Infinity, 2, 3] },
    ], attributes: { size: 4 }, singular: true },
  ],
})

/**
 * Adds rows into a tensor of zeros with `size` rows, at the positions given, negative ones counted from the end; rows
 * that name one position add up. The shape of `updates` begins with the shape of `indices`.
 */
export function scatterAdd(indices: Tensor, updates: Tensor, size: number): Tensor {
  checkArgument('scatterAdd', 'the number of rows', size, kinds.whole(0, MOST_ELEMENTS))
  return Tensor.apply(scatterAddOp, [indices, updates], { size })
}

/**
 * 1 at the position each index names and 0 elsewhere, along a new last axis of size `depth` (float32).
 * @throws UserError naming an index outside 0 .. `depth` - 1 as a label, at once or when it is fed; as PyTorch's
 *   one_hot
 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  requireIndices(tensorOf('oneHot', indices))
  checkArgument('oneHot', 'the depth', depth, kinds.whole(0, MOST_ELEMENTS))
  return cast(equal(unsqueeze(classLabels(indices, depth), -1), range(depth)), 'float32')
}
