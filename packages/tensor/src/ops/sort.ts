// Sorting, and the largest or smallest elements, along an axis.
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape, normalizeAxis, sizeAt } from '../ir/shape.ts'
import { Tensor, tensorOf } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { eachLine } from './softmax.ts'
import { takeAlongAxis } from './take-along.ts'

interface OrderAttributes extends Attributes {
  readonly axis: number
  readonly k: number
  readonly largest: boolean
}

/** Order of two elements, smallest first; what is not a number is larger than all numbers. */
const compare = (a: number, b: number) =>
  Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || (a < b ? -1 : a > b ? 1 : 0)

/** Positions of the k first elements in order, as int64. Equal elements stay in the order of their positions. */
function emitTopK(emitter: Emitter, value: string, axis: number, k: number, largest: boolean): string {
  const indices = emitter.freshName('TopK_indices')
  const inputs = [value, emitter.constant([k], 'int64')]
  emitter.addNode('TopK', inputs, [emitter.freshName('TopK'), indices], { axis, largest: largest ? 1 : 0, sorted: 1 })
  return indices
}

/** The same where elements may be no numbers: by size first, and then by whether they are numbers. */
function emitTopKWithNaN(emitter: Emitter, x: string, { axis, k, largest }: OrderAttributes, size: number): string {
  const strange = emitter.node('IsNaN', [x])
  const bySize = emitTopK(
    emitter,
    emitter.node('Where', [strange, emitter.constant(Infinity, 'float32'), x]),
    axis,
    size,
    largest,
  )
  const marks = emitter.node('GatherElements', [emitter.cast(strange, 'float32'), bySize], { axis })
  return emitter.node('GatherElements', [bySize, emitTopK(emitter, marks, axis, k, largest)], { axis })
}

const topKIndicesOp = defineOp<OrderAttributes>({
  name: 'topKIndices',
  infer([x], { axis, k }) {
    const { shape } = x as TensorType
    const size = sizeAt(shape, axis)
    if (!Number.isInteger(k) || k < 0 || k > size) {
      throw new UserError({
        rule: `k must be a whole number from 0 to ${size}, the size of axis ${axis} of ${formatShape(shape)}.`,
        received: String(k),
      })
    }
    return { shape: shape.with(axis, k), dtype: 'int32' }
  },
  gradient: null,
  onnx(emitter, { names: [x], inputs: [type], output, attributes }) {
    const { axis, k, largest } = attributes
    const { shape, dtype } = type as TensorType
    if (dtype !== 'float32') {
      return emitter.cast(emitTopK(emitter, emitter.cast(x as string, 'int32'), axis, k, largest), 'int32')
    }
    // The kernel's order is undefined where it meets what is not a number.
    return emitter.cast(
      emitter.either(
        () => emitter.mayHoldNaN(x as string),
        { shape: output.shape, dtype: 'int64' },
        inner => emitTopKWithNaN(inner, x as string, attributes, sizeAt(shape, axis)),
        inner => emitTopK(inner, x as string, axis, k, largest),
      ),
      'int32',
    )
  },
  reference({ inputs: [x], output, attributes: { axis, k, largest } }) {
    const source = x as ReferenceValue
    const at: [number, number, number][] = []
    eachLine(output, axis, (...line) => at.push(line))
    let line = 0
    eachLine(source, axis, (start, stride, size) => {
      const value = (position: number) => source.data[start + position * stride] as number
      const order = Array.from({ length: size }, (_, i) => i)
      // JavaScript's sort keeps equal elements in order.
      order.sort((a, b) => (largest ? compare(value(b), value(a)) : compare(value(a), value(b))))
      const [to, step] = at[line++] as [number, number, number]
      for (let i = 0; i < k; i++) output.data[to + i * step] = order[i] as number
    })
  },
  samples: [true, false].flatMap(largest => [
    { inputs: [{ shape: [3, 6], low: -2, high: 2 }], attributes: { axis: 1, k: 3, largest } },
    { inputs: [{ shape: [5, 2, 2], low: -2, high: 2 }], attributes: { axis: 0, k: 5, largest } },
    { inputs: [{ shape: [2, 5], values: [1, 3, 3, 2, 3, 0, 0, 0, 0, 0] }], attributes: { axis: 1, k: 4, largest } },
    {
      inputs: [{ shape: [2, 6], values: [1, NaN, 3, Infinity, NaN, -Infinity, 2, 2, NaN, 2, -1, 2] }],
      attributes: { axis: 1, k: 4, largest },
      singular: true,
    },
    {
      inputs: [{ shape: [2, 6], values: [1, NaN, 3, Infinity, NaN, Infinity, 2, 2, NaN, 2, -1, 2] }],
      attributes: { axis: 1, k: 6, largest },
      singular: true,
    },
    ...(['int32', 'uint8', 'bool'] as const).map(dtype => ({
      inputs: [{ shape: [2, 4], dtype, low: 0, high: dtype === 'bool' ? 2 : 9 }],
      attributes: { axis: 1, k: 4, largest },
    })),
  ]),
})

/** Elements in an order, and where each stood: both in the shape of the result, the positions int32. */
export interface Sorted {
  readonly values: Tensor
  readonly indices: Tensor
}

function ordered(x: Tensor, attributes: OrderAttributes): Sorted {
  const indices = Tensor.apply(topKIndicesOp, [x], attributes)
  return { values: takeAlongAxis(x, indices, attributes.axis), indices }
}

/**
 * Sorts along an axis (default the last), the smallest first. Equal elements stay in their order; what is not a number
 * counts as larger than all numbers, as in PyTorch. The gradient goes back to where each value stood.
 */
export function sort(x: Tensor, options: { readonly axis?: number; readonly descending?: boolean } = {}): Sorted {
  const { axis = -1, descending = false } = checkOptions(
    'sort', options, { axis: kinds.whole(), descending: kinds.flag },
  )
  const at = normalizeAxis(axis, tensorOf('sort', x).rank)
  return ordered(x, { axis: at, k: sizeAt(x.shape, at), largest: descending })
}

/**
 * The k largest (or smallest) elements along an axis (default the last), the largest (smallest) first; of equal ones
 * those that stand first. What is not a number counts as larger than all numbers, as in PyTorch.
 */
export function topK(
  x: Tensor,
  k: number,
  options: { readonly axis?: number; readonly largest?: boolean } = {},
): Sorted {
  const { axis = -1, largest = true } = checkOptions('topK', options, { axis: kinds.whole(), largest: kinds.flag })
  checkArgument('topK', 'k', k, kinds.whole(0))
  return ordered(x, { axis: normalizeAxis(axis, tensorOf('topK', x).rank), k, largest })
}
