// Ops that take elements of a tensor in steps, and put them back: slice, flip, and the gradient of both.
import { checkOptions, kinds, UserError, type Kind } from '../errors.ts'
import { defineOp, type Attributes, type OpDefinition, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape, normalizeAxis, sizeAt, sizeOf, stridesOf, type Shape } from '../ir/shape.ts'
import { formatType, Tensor, tensorOf } from '../ir/tensor.ts'
import { emitMovedPixels } from '../onnx/blocked-moves.ts'
import { emitPad, emitSteps } from '../onnx/emit-pad.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { copyStrided, scatterStrided } from './strided.ts'

/** Which elements of a tensor, along each axis: `sizes` from `starts`, in `steps` that may go backwards. */
export interface SliceAttributes extends Attributes {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
  readonly steps: readonly number[]
}

interface SpreadAttributes extends Attributes {
  readonly shape: Shape
  readonly starts: readonly number[]
  readonly steps: readonly number[]
}

/** Refuses elements that a shape does not have. */
function requireElements(shape: Shape, { starts, sizes, steps }: Pick<SliceAttributes, 'starts' | 'sizes' | 'steps'>) {
  shape.forEach((size, axis) => {
    const [start, count, step] = [starts[axis] as number, sizes[axis] as number, steps[axis] as number]
    const last = start + (count - 1) * step
    if (count < 0 || step === 0 || (count > 0 && (start < 0 || start >= size || last < 0 || last >= size))) {
      throw new UserError({
        rule: `axis ${axis} of ${formatShape(shape)} has no ${count} elements from ${start} in steps of ${step}.`,
      })
    }
  })
}

/** Where the first of the elements lies in a flat tensor. */
const placeOf = (starts: readonly number[], strides: readonly number[]) =>
  starts.reduce((offset, from, axis) => offset + from * (strides[axis] as number), 0)

/** The strides of elements that lie `steps` apart. */
const apart = (strides: readonly number[], steps: readonly number[]) =>
  strides.map((stride, axis) => stride * (steps[axis] as number))

export const sliceOp: OpDefinition<SliceAttributes> = defineOp<SliceAttributes>({
  name: 'slice',
  infer([x], attributes) {
    const type = x as TensorType
    requireElements(type.shape, attributes)
    return { shape: attributes.sizes, dtype: type.dtype }
  },
  gradient: ({ inputs: [x], gradient, attributes: { starts, steps } }) =>
    [Tensor.apply(spreadOp, [gradient], { shape: (x as Tensor).shape, starts, steps })],
  onnx(emitter, { names: [x], inputs: [type], output, attributes: { starts, sizes, steps } }) {
    const from = type as TensorType
    return emitMovedPixels(emitter, x as string, [from, output], { starts, steps, way: 'taken' }) ??
      emitSteps(emitter, x as string, from.shape, { starts, sizes, steps })
  },
  reference({ inputs: [x], output, attributes: { starts, steps } }) {
    const strides = stridesOf((x as ReferenceValue).shape)
    copyStrided(x as ReferenceValue, output, apart(strides, steps), placeOf(starts, strides))
  },
  samples: [
    { inputs: [{ shape: [4, 5], low: -2, high: 2 }], attributes: { starts: [1, 2], sizes: [2, 3], steps: [1, 1] } },
    { inputs: [{ shape: [4, 5], low: -2, high: 2 }], attributes: { starts: [0, 1], sizes: [4, 2], steps: [1, 2] } },
    { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { starts: [2, 3], sizes: [3, 2], steps: [-1, -2] } },
    { inputs: [{ shape: [3, 4], low: -2, high: 2 }], attributes: { starts: [0, 0], sizes: [3, 0], steps: [1, 2] } },
    { inputs: [{ shape: [0, 2] }], attributes: { starts: [0, 1], sizes: [0, 2], steps: [-1, -1] } },
  ],
})

/** Puts the elements of a slice back to where they were taken from, zeros elsewhere: the adjoint of `slice`. */
const spreadOp: OpDefinition<SpreadAttributes> = defineOp<SpreadAttributes>({
  name: 'spread',
  infer([x], { shape, starts, steps }) {
    const { shape: sizes, dtype } = x as TensorType
    if (sizes.length !== shape.length) throw new UserError({
      rule: `the elements must have the ${shape.length} axes of ${formatShape(shape)}.`,
      received: formatType(x as TensorType),
    })
    requireElements(shape, { starts, sizes, steps })
    return { shape, dtype }
  },
  gradient: ({ inputs: [x], gradient, attributes: { starts, steps } }) =>
    [Tensor.apply(sliceOp, [gradient], { starts, sizes: (x as Tensor).shape, steps })],
  onnx(emitter, { names: [x], inputs: [type], output, attributes: { starts, steps } }) {
    const from = type as TensorType
    if (sizeOf(from.shape) === 0) return emitter.node('Expand', [
      emitter.constant(0, from.dtype), emitter.constant(output.shape, 'int64', [output.shape.length]),
    ])
    return emitMovedPixels(emitter, x as string, [from, output], { starts, steps, way: 'put' }) ??
      emitSpread(emitter, x as string, from, { shape: output.shape, starts, steps })
  },
  reference({ inputs: [x], output, attributes: { starts, steps } }) {
    const strides = stridesOf(output.shape)
    scatterStrided(x as ReferenceValue, output, apart(strides, steps), placeOf(starts, strides))
  },
  samples: [
    {
      inputs: [{ shape: [2, 3], low: -2, high: 2 }],
      attributes: { shape: [4, 6], starts: [1, 0], steps: [1, 2] },
    },
    {
      inputs: [{ shape: [3, 2], low: -2, high: 2 }],
      attributes: { shape: [3, 4], starts: [2, 3], steps: [-1, -2] },
    },
    {
      inputs: [{ shape: [1, 2, 2, 2], low: -2, high: 2 }],
      attributes: { shape: [1, 4, 4, 5], starts: [0, 1, 0, 1], steps: [1, 1, 2, 3] },
    },
    { inputs: [{ shape: [3, 0] }], attributes: { shape: [3, 4], starts: [0, 0], steps: [1, 2] } },
    {
      inputs: [{ shape: [2], dtype: 'int32', low: 0, high: 9 }], attributes: { shape: [4], starts: [0], steps: [3] },
    },
  ],
})

/** As zeros behind each element of the axes with steps, and around all of them. */
function emitSpread(
  emitter: Emitter, x: string, { shape: sizes, dtype }: TensorType,
  { shape: whole, starts, steps }: SpreadAttributes,
): string {
  // Elements that go backwards are turned round first.
  const backwards = steps.map(step => step < 0)
  let value = emitSteps(emitter, x, sizes, {
    starts: sizes.map((count, axis) => (backwards[axis] ? count - 1 : 0)), sizes,
    steps: backwards.map(turned => (turned ? -1 : 1)),
  })
  let shape = sizes
  const before = steps.map((step, axis) =>
    (starts[axis] as number) + (step < 0 ? ((sizes[axis] as number) - 1) * step : 0))
  steps.forEach((signed, axis) => {
    const [count, step] = [sizes[axis] as number, Math.abs(signed)]
    if (step === 1 || count === 1) return
    // [.., n, ..] -> [.., n, 1, ..] -> zeros after each element -> [.., n * step, ..]
    const alone = shape.toSpliced(axis, 1, count, 1)
    const none = alone.map(() => 0)
    const filled = emitPad(
      emitter, emitter.reshape(value, alone), { shape: alone, dtype }, none, none.with(axis + 1, step - 1), 0,
    )
    shape = shape.with(axis, count * step)
    value = emitter.reshape(filled, shape)
  })
  // The zeros behind the last element may reach beyond the end.
  const room = shape.map((size, axis) => Math.min(size, (whole[axis] as number) - (before[axis] as number)))
  value = emitSteps(emitter, value, shape, { starts: room.map(() => 0), sizes: room, steps: room.map(() => 1) })
  const after = room.map((size, axis) => (whole[axis] as number) - (before[axis] as number) - size)
  return emitPad(emitter, value, { shape: room, dtype }, before, after, 0)
}

const position: Kind = {
  is: 'a whole number', accepts: value => Number.isInteger(value) || value === Infinity || value === -Infinity,
}
const SLICE_KINDS = {
  axis: kinds.needed(kinds.whole()), start: position, end: position,
  step: { is: 'a whole number other than 0', accepts: (value: unknown) => Number.isInteger(value) && value !== 0 },
}

/**
 * Part of a tensor along one axis, as JavaScript slices: from `start` up to but not including `end`; negative positions
 * count from the end; a `step` may skip, or be negative to go backwards.
 */
export function slice(x: Tensor, options: { axis: number; start?: number; end?: number; step?: number }): Tensor {
  const { axis, start, end, step = 1 } = checkOptions('slice', options, SLICE_KINDS)
  const at = normalizeAxis(axis, tensorOf('slice', x).rank, 'slice')
  const size = sizeAt(x.shape, at)
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1]
  const placeOf = (value: number | undefined, whenAbsent: number) =>
    value === undefined ? whenAbsent : Math.min(Math.max(value < 0 ? value + size : value, lowest), highest)
  const from = placeOf(start, step > 0 ? lowest : highest)
  const to = placeOf(end, step > 0 ? highest : lowest)
  const count = Math.max(0, Math.ceil((to - from) / step))
  if (from === 0 && count === size && step === 1) return x
  const zerosOf = x.shape.map(() => 0)
  return Tensor.apply(sliceOp, [x], {
    starts: zerosOf.with(at, count === 0 ? 0 : from),
    sizes: x.shape.with(at, count),
    steps: zerosOf.map(() => 1).with(at, step),
  })
}

/** Reverses the order of the elements along an axis. */
export const flip = (x: Tensor, axis: number): Tensor => slice(x, { axis, step: -1 })

