// Ops that move elements without changing them: reshape, transpose, expand, split, pad, concat.
import { checkArgument, kinds, UserError, type Kind } from '../errors.ts'
import { defineMultiOp, defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { isValueOf, WHOLE_NUMBERS } from '../ir/dtype.ts'
import {
  broadcastShapes, broadcastStrides, checkShape, formatShape, normalizeAxis, sameShape, sizeAt, sizeOf, stridesOf,
  type Shape,
} from '../ir/shape.ts'
import { requireTensorList, requireTensors, Tensor, tensorOf, zeros } from '../ir/tensor.ts'
import { emitMovedPixels } from '../onnx/blocked-moves.ts'
import { emitPad } from '../onnx/emit-pad.ts'
import { unbroadcast } from './define-elementwise.ts'
import { sliceOp } from './slice.ts'
import { copyStrided, scatterStrided } from './strided.ts'

interface ShapeAttributes extends Attributes {
  readonly shape: Shape
}

const reshapeOp = defineOp<ShapeAttributes>({
  name: 'reshape',
  infer([x], { shape }) {
    const type = x as TensorType
    if (sizeOf(shape) !== sizeOf(type.shape)) {
      throw new UserError({ rule: `${formatShape(type.shape)} holds ${sizeOf(type.shape)} elements and cannot become ` +
        `${formatShape(shape)}, which holds ${sizeOf(shape)}.` })
    }
    return { shape, dtype: type.dtype }
  },
  gradient: ({ inputs: [x], gradient }) => [reshape(gradient, (x as Tensor).shape)],
  onnx: (emitter, { names, attributes }) => emitter.reshape(names[0] as string, attributes.shape),
  reference: ({ inputs: [x], output }) => output.data.set((x as ReferenceValue).data),
  samples: [
    { inputs: [{ shape: [2, 6], low: -2, high: 2 }], attributes: { shape: [3, 4] } },
    { inputs: [{ shape: [1], low: -2, high: 2 }], attributes: { shape: [] } },
  ],
})

/** The same elements in row-major order under another shape. One size may be -1: it follows from the others. */
export function reshape(x: Tensor, shape: Shape, ...more: readonly never[]): Tensor {
  if (more.length > 0 || !Array.isArray(shape) || shape.some(size => typeof size !== 'number')) checkShape(
    'reshape', shape, ...more
  )
  const resolved = resolveShape(tensorOf('reshape', x), shape)
  return sameShape(resolved, x.shape) ? x : Tensor.apply(reshapeOp, [x], { shape: resolved })
}

/** Puts what follows from the others in the place of -1. */
function resolveShape(x: Tensor, shape: Shape): Shape {
  const wrong = (rule: string) => new UserError({
    rule: `reshape: ${rule}`, received: `${formatShape(shape)} for ${formatShape(x.shape)}`,
    next: `Give sizes whose product is ${x.size}.`,
  })
  if (shape.some(size => !Number.isInteger(size) || size < -1)) throw wrong(
    'sizes are whole numbers of at least 0, or -1 for one that follows from the others.',
  )
  const free = shape.indexOf(-1)
  if (free < 0) return shape
  if (shape.includes(-1, free + 1)) throw wrong('only one size may be -1.')
  const others = sizeOf(shape.toSpliced(free, 1))
  const size = x.size / others
  if (others === 0) throw wrong('no size follows from -1 beside a size of 0.')
  if (!Number.isInteger(size)) throw wrong(
    `${x.size} elements do not divide into ${others} for each of the size that is -1.`,
  )
  return shape.with(free, size)
}

/**
 * Joins the axes from `startAxis` (default 0) to the last into one; where there are no such axes, it adds one of size
 * 1.
 */
export function flatten(x: Tensor, startAxis = 0): Tensor {
  const { shape, rank } = tensorOf('flatten', x)
  checkArgument('flatten', 'startAxis', startAxis, kinds.whole(-rank, rank))
  return reshape(x, [...shape.slice(0, startAxis), sizeOf(shape.slice(startAxis))])
}

/** Drops an axis of size 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis(axis, tensorOf('squeeze', x).rank, 'squeeze')
  if (sizeAt(x.shape, at) !== 1) {
    throw new UserError({
      rule: `squeeze: only an axis of size 1 can be dropped; axis ${axis} has the size ${sizeAt(x.shape, at)}.`,
      received: formatShape(x.shape), next: 'Use reshape, or sum or slice along the axis.',
    })
  }
  return reshape(x, x.shape.toSpliced(at, 1))
}

/** Adds an axis of size 1. */
export const unsqueeze = (x: Tensor, axis: number): Tensor =>
  reshape(x, tensorOf('unsqueeze', x).shape.toSpliced(normalizeAxis(axis, x.rank + 1, 'unsqueeze'), 0, 1))

interface TransposeAttributes extends Attributes {
  readonly axes: readonly number[]
}

const transposeOp = defineOp<TransposeAttributes>({
  name: 'transpose',
  infer([x], { axes }) {
    const type = x as TensorType
    if ([...axes].sort((a, b) => a - b).some((axis, i) => axis !== i) || axes.length !== type.shape.length) {
      throw new UserError({
        rule: `the axes must be a permutation of 0 to ${type.shape.length - 1} for shape ${formatShape(type.shape)}.`,
        received: formatShape(axes),
      })
    }
    return { shape: axes.map(axis => sizeAt(type.shape, axis)), dtype: type.dtype }
  },
  gradient: ({ gradient, attributes: { axes } }) => [transpose(gradient, axes.map((_, axis) => axes.indexOf(axis)))],
  onnx: (emitter, { names, attributes }) => emitter.node('Transpose', names, { perm: attributes.axes }),
  reference({ inputs: [x], output, attributes: { axes } }) {
    const strides = stridesOf((x as ReferenceValue).shape)
    copyStrided(x as ReferenceValue, output, axes.map(axis => strides[axis] as number))
  },
  samples: [
    { inputs: [{ shape: [2, 3], low: -2, high: 2 }], attributes: { axes: [1, 0] } },
    { inputs: [{ shape: [2, 3, 4], low: -2, high: 2 }], attributes: { axes: [2, 0, 1] } },
    { inputs: [{ shape: [2, 2], dtype: 'int32', low: 0, high: 9 }], attributes: { axes: [1, 0] } },
  ],
})

/** Permutes the axes; without a list it reverses them. */
export function transpose(x: Tensor, axes?: readonly number[], ...more: readonly never[]): Tensor {
  requireTensors('transpose', x)
  const order = axes ?? Array.from({ length: x.rank }, (_, i) => x.rank - 1 - i)
  const written = [order, ...more].flat().filter(axis => typeof axis === 'number').join(', ')
  checkArgument('transpose', 'the order of the axes', more.length > 0 ? written : order,
    kinds.listOf(kinds.whole(), 'whole numbers'),
    `Write all axes in a list: transpose([${written}]).`)
  const normalized = order.map(axis => normalizeAxis(axis, x.rank, 'transpose'))
  return normalized.length === x.rank && normalized.every((axis, i) => axis === i) ? x : Tensor.apply(
    transposeOp, [x], { axes: normalized },
  )
}

const expandOp = defineOp<ShapeAttributes>({
  name: 'expand',
  infer([x], { shape }) {
    const type = x as TensorType
    const result = broadcastShapes(type.shape, shape)
    if (!result || !sameShape(result, shape)) {
      throw new UserError({ rule: `${formatShape(type.shape)} does not expand to ${formatShape(shape)}: aligned at ` +
        `the last axis, each size must be equal or 1.` })
    }
    return { shape, dtype: type.dtype }
  },
  gradient: ({ inputs: [x], gradient }) => [unbroadcast(gradient, (x as Tensor).shape)],
  onnx: (emitter, { names, attributes }) => emitter.node(
    'Expand', [names[0] as string, emitter.constant(attributes.shape, 'int64', [attributes.shape.length])],
  ),
  reference: ({ inputs: [x], output }) =>
    copyStrided(x as ReferenceValue, output, broadcastStrides((x as ReferenceValue).shape, output.shape)),
  samples: [
    { inputs: [{ shape: [3, 1], low: -2, high: 2 }], attributes: { shape: [2, 3, 4] } },
    { inputs: [{ shape: [], low: -2, high: 2 }], attributes: { shape: [2, 2] } },
  ],
})

/** Repeats a tensor along axes of size 1 to fill a shape. */
export function expand(x: Tensor, shape: Shape, ...more: readonly never[]): Tensor {
  checkShape('expand', shape, ...more)
  return sameShape(tensorOf('expand', x).shape, shape) ? x : Tensor.apply(expandOp, [x], { shape })
}

interface SplitAttributes extends Attributes {
  readonly axis: number
  readonly sizes: readonly number[]
}

/** Where each piece begins. */
const startsOf = (sizes: readonly number[]): number[] =>
  sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))

const splitOp = defineMultiOp<SplitAttributes>({
  name: 'split',
  infer([x], { axis, sizes }) {
    const { shape, dtype } = x as TensorType
    const whole = sizeAt(shape, axis)
    if (sizes.some(size => !Number.isInteger(size) || size < 0) || sizes.reduce((a, b) => a + b, 0) !== whole) {
      throw new UserError({
        rule: `the sizes must add up to ${whole}, the size of axis ${axis} of ${formatShape(shape)}.`,
        received: formatShape(sizes),
      })
    }
    return sizes.map(size => ({ shape: shape.with(axis, size), dtype }))
  },
  gradient: ({ outputs, gradients, attributes: { axis } }) =>
    [concat(outputs.map(({ shape }, i) => gradients[i] ?? zeros(shape)), axis)],
  onnx(emitter, { names: [x], outputs, attributes: { axis, sizes } }) {
    const read = outputs.flatMap((output, i) => (output ? [i] : []))
    const list = (...values: readonly number[]) => emitter.constant(values, 'int64', [values.length])
    const [only] = read
    // One piece alone is cut out: the others need not be copied.
    if (read.length === 1 && only !== undefined) {
      const start = startsOf(sizes)[only] as number
      const piece = emitter.node('Slice', [x as string, list(start), list(start + (sizes[only] as number)), list(axis)])
      return sizes.map((_, i) => (i === only ? piece : undefined))
    }
    const pieces = sizes.map(() => emitter.freshName('Split'))
    emitter.addNode('Split', [x as string, list(...sizes)], pieces, { axis })
    return pieces
  },
  reference({ inputs: [x], outputs, attributes: { axis, sizes } }) {
    const source = x as ReferenceValue
    const strides = stridesOf(source.shape)
    startsOf(sizes).forEach((start, i) => {
      const piece = outputs[i]
      if (piece) copyStrided(source, piece, strides, start * (strides[axis] as number))
    })
  },
  samples: [
    { inputs: [{ shape: [5, 2], low: -2, high: 2 }], attributes: { axis: 0, sizes: [2, 3] } },
    { inputs: [{ shape: [2, 6, 2], low: -2, high: 2 }], attributes: { axis: 1, sizes: [1, 0, 3, 2] } },
    { inputs: [{ shape: [2, 3], dtype: 'int32', low: -9, high: 9 }], attributes: { axis: 1, sizes: [1, 2] } },
  ],
})

/** Cuts a tensor into pieces of the given sizes along an axis. The gradient is one concatenation. */
export function split(x: Tensor, sizes: readonly number[], axis = 0): readonly Tensor[] {
  const at = normalizeAxis(axis, tensorOf('split', x).rank, 'split')
  const next = `Write the size of each piece in a list: split(x, [1, ${Math.max(sizeAt(x.shape, at) - 1, 1)}]).`
  checkArgument('split', 'the sizes', sizes, kinds.listOf(kinds.whole(0), 'whole numbers of at least 0'), next)
  return Tensor.applyAll(splitOp, [x], { axis: at, sizes })
}

interface PadAttributes extends Attributes {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly value: number
}

const padOp = defineOp<PadAttributes>({
  name: 'pad',
  infer([x], { before, after, value }) {
    const type = x as TensorType
    if (!isValueOf(type.dtype, value)) {
      const range = type.dtype === 'float32' ? '' : ` from ${WHOLE_NUMBERS[type.dtype].join(' to ')}`
      throw new UserError({
        rule: `the value for an ${type.dtype} tensor must be a whole number${range}.`, received: String(value),
        next: "Cast the tensor first: x.cast('float32').",
      })
    }
    if (before.length !== type.shape.length || [
      ...before, ...after
    ].some(amount => !Number.isInteger(amount) || amount < 0)) {
      throw new UserError({
        rule: `each of the ${type.shape.length} axes needs two whole numbers of at least 0, before and after.`,
        received: `${formatShape(before)} and ${formatShape(after)}`,
      })
    }
    return {
      shape: type.shape.map((size, axis) => size + (before[axis] as number) + (after[axis] as number)),
      dtype: type.dtype,
    }
  },
  gradient({ inputs: [x], gradient, attributes: { before } }) {
    const sizes = (x as Tensor).shape
    return [Tensor.apply(sliceOp, [gradient], { starts: before, sizes, steps: sizes.map(() => 1) })]
  },
  onnx(emitter, { names: [x], inputs: [type], output, attributes: { before, after, value } }) {
    const from = type as TensorType
    const moved = value === 0 && emitMovedPixels(
      emitter, x as string, [from, output], { starts: before, steps: before.map(() => 1), way: 'put' },
    )
    return moved || emitPad(emitter, x as string, from, before, after, value)
  },
  reference({ inputs: [x], output, attributes: { before, value } }) {
    const source = x as ReferenceValue
    output.data.fill(value)
    const strides = stridesOf(output.shape)
    const start = before.reduce((offset, amount, axis) => offset + amount * (strides[axis] as number), 0)
    scatterStrided(source, output, strides, start)
  },
  samples: [
    { inputs: [{ shape: [2, 3], low: -2, high: 2 }], attributes: { before: [1, 0], after: [0, 2], value: 0 } },
    { inputs: [{ shape: [3], low: -2, high: 2 }], attributes: { before: [2], after: [1], value: -1.5 } },
    {
      inputs: [{ shape: [2, 1, 3], low: -2, high: 2 }], attributes: { before: [0, 1, 0], after: [0, 2, 0], value: 0.5 },
    },
  ],
})

/** Surrounds a tensor with a constant: `amounts[axis]` is the number of elements before and after. */
export function pad(x: Tensor, amounts: readonly (readonly [number, number])[], value = 0): Tensor {
  requireTensors('pad', x)
  const two: Kind = {
    is: '[before, after]',
    accepts: pair => Array.isArray(pair) && pair.length === 2 && pair.every(amount => typeof amount === 'number'),
  }
  checkArgument(
    'pad', 'the amounts', amounts, kinds.listOf(two, 'one [before, after] for each axis'),
    'Write pad(x, [[0, 0], [1, 1]]) for one element on both sides of the last of two axes.',
  )
  checkArgument('pad', 'the value', value, kinds.number)
  if (amounts.length === x.rank && amounts.every(([before, after]) => before === 0 && after === 0)) return x
  return Tensor.apply(
    padOp, [x], { before: amounts.map(([before]) => before), after: amounts.map(([, after]) => after), value },
  )
}

interface AxisAttributes extends Attributes {
  readonly axis: number
}

const concatOp = defineOp<AxisAttributes>({
  name: 'concat',
  infer(types, { axis }) {
    const [first] = types as [TensorType]
    let size = 0
    for (const type of types) {
      if (type.dtype !== first.dtype ||
        type.shape.length !== first.shape.length || type.shape.some((s, i) => i !== axis && s !== first.shape[i])) {
        throw new UserError({
          rule: `all tensors must have one dtype and equal sizes except along axis ${axis}.`,
          received: types.map(t => `${t.dtype}${formatShape(t.shape)}`).join(' and '),
        })
      }
      size += sizeAt(type.shape, axis)
    }
    return { shape: first.shape.with(axis, size), dtype: first.dtype }
  },
  gradient: ({ inputs, gradient, attributes: { axis } }) =>
    split(gradient, inputs.map(x => sizeAt(x.shape, axis)), axis),
  onnx: (emitter, { names, attributes }) => emitter.node('Concat', names, { axis: attributes.axis }),
  reference({ inputs, output, attributes: { axis } }) {
    const strides = stridesOf(output.shape)
    let start = 0
    for (const part of inputs) {
      scatterStrided(part, output, strides, start * (strides[axis] as number))
      start += sizeAt(part.shape, axis)
    }
  },
  samples: [
    { inputs: [{ shape: [2, 3], low: -2, high: 2 }, { shape: [1, 3], low: -2, high: 2 }], attributes: { axis: 0 } },
    { inputs: [
      { shape: [2, 1], low: -2, high: 2 }, { shape: [2, 2], low: -2, high: 2 }, { shape: [2, 1], low: -2, high: 2 },
    ], attributes: { axis: 1 } },
  ],
})

/** Joins tensors along an existing axis. */
export function concat(parts: readonly Tensor[], axis = 0, ...more: readonly never[]): Tensor {
  requireTensorList('concat', parts, parts, axis, ...more)
  const [first] = parts
  if (!first) throw new UserError({ rule: 'concat: at least one tensor is needed.' })
  return parts.length === 1 ? first : Tensor.apply(concatOp, parts, { axis: normalizeAxis(axis, first.rank, 'concat') })
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Tensor[], axis = 0, ...more: readonly never[]): Tensor {
  requireTensorList('stack', parts, parts, axis, ...more)
  return concat(parts.map(part => unsqueeze(part, axis)), axis)
}
