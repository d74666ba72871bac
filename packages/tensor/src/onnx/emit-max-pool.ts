// ONNX forms of max pooling and its gradient. Blocked images are pooled as they lie, as volumes whose last axis is the
// block of channels: nothing is reordered.
import type { TensorType } from '../ir/op.ts'
import { sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import { imageSize, type WindowAttributes } from '../ops/window.ts'
import { emitBlockedMaxPoolGradient, joinedShape, poolLines } from './blocked-max-pool.ts'
import { emitColumns } from './conv-lowering.ts'
import type { Emitter, OnnxAttribute } from './emitter.ts'

/** The windows of a pooling. */
export interface PoolAttributes extends WindowAttributes {
  readonly kernel: readonly number[]
}

/** Windows as attributes of ONNX. */
export const onnxPool = ({ kernel, stride, padding }: PoolAttributes) =>
  ({ kernel_shape: kernel, strides: stride, pads: padding })

/** Images as MaxPool sees them: [N, C, H, W], or blocked [N C / b, 1, H, W, b]. */
interface View {
  readonly images: string
  /** Of what is pooled. */
  readonly grid: Shape
  readonly settings: Readonly<Record<string, OnnxAttribute>>
  /** The blocked form, where the images have one. */
  readonly blocked: string | undefined
}

function viewOf(
  emitter: Emitter, x: string, [images, grid]: readonly [Shape, Shape], attributes: PoolAttributes,
): View {
  const type = (shape: Shape) => ({ shape, dtype: 'float32' }) as const
  const settings = onnxPool(attributes)
  if (!emitter.fitsBlocks(type(images)) || !emitter.hasBlocked(x)) {
    return { images: x, grid, settings, blocked: undefined }
  }
  const b = emitter.channelBlock
  const planes = (sizeAt(images, 0) * sizeAt(images, 1)) / b
  const [top, left, bottom, right] = attributes.padding as [number, number, number, number]
  const blocked = emitter.blocked(x)
  return {
    images: emitter.shared(`volumes ${blocked}`, () => emitter.reshape(blocked, [planes, 1, ...imageSize(images), b])),
    grid: [planes, 1, ...imageSize(grid), b],
    settings: {
      kernel_shape: [...attributes.kernel, 1], strides: [...attributes.stride, 1],
      pads: [top, left, 0, bottom, right, 0],
    },
    blocked,
  }
}

/** The largest element of each window; NaN where one is. Made once for the pooling and its gradient. */
export const emitMaxPool = (
  emitter: Emitter, x: string, types: readonly [TensorType, TensorType], attributes: PoolAttributes,
): string => emitter.shared(`largest of ${x} ${JSON.stringify(attributes)}`, () => {
  const [images, output] = types
  const view = viewOf(emitter, x, [images.shape, output.shape], attributes)
  const plain = (form: Emitter) => view.blocked === undefined ? form.node('MaxPool', [x], view.settings)
    : form.native('MaxPool', [view.blocked], onnxPool(attributes))
  // The kernel passes over what is not a number, and says the lowest finite number where all of a window is -Infinity.
  // To look for both costs a tenth of the pooling, to keep them three times as much.
  const pooled = emitter.either(
    () => emitter.mayNotBeFinite(view.images), output,
    form => {
      const any = (op: string, ...operands: string[]) =>
        form.cast(form.node(
          'MaxPool', [form.cast(form.node(op, [view.images, ...operands]), 'float32')], view.settings,
        ), 'bool')
      const lowest = form.constant(-Infinity, 'float32')
      const values = form.node('MaxPool', [view.images], view.settings)
      const largest = form.node('Where', [any('Greater', lowest), values, lowest])
      const kept = form.node('Where', [any('IsNaN'), form.constant(NaN, 'float32'), largest])
      return view.blocked === undefined ? kept : form.reshape(kept, output.shape)
    }, plain)
  return view.blocked === undefined ? pooled : emitter.unblocked(pooled, output.shape[1] as number)
})

/** MaxPool with its second output, the place of each largest element. */
function emitPooled(form: Emitter, value: string, { settings }: View): [largest: string, indices: string] {
  const outputs: [string, string] = [form.freshName('MaxPool'), form.freshName('indices')]
  form.addNode('MaxPool', [value], outputs, settings)
  return outputs
}

/** Where the largest element of each window of finite numbers lies in the flat tensor (int64). */
const emitFiniteArgmax = (form: Emitter, view: View): string => emitPooled(form, view.images, view)[1]

/**
 * The same of any numbers: the first element that is not a number; where all are, or none is more than -Infinity, the
 * first of the window.
 */
function emitAnyArgmax(form: Emitter, view: View): string {
  const { images } = view
  const pooled = (op: string, ...operands: string[]) =>
    emitPooled(form, form.cast(form.node(op, [images, ...operands]), 'float32'), view)
  const [spoilt, indices] = pooled('IsNaN')
  const [some] = pooled('Greater', form.constant(-Infinity, 'float32'))
  const first = form.node('Or', [form.cast(spoilt, 'bool'), form.node('Not', [form.cast(some, 'bool')])])
  return form.node('Where', [first, indices, emitFiniteArgmax(form, view)])
}

/** Where the largest element of each window lies in the flat tensor (int64), in the shape of the windows. */
const emitArgmax = (emitter: Emitter, view: View): string => emitter.either(
  () => emitter.mayNotBeFinite(view.images), { shape: view.grid, dtype: 'int64' },
  form => emitAnyArgmax(form, view), form => emitFiniteArgmax(form, view),
)

/**
 * 1 at the element of each window that is its maximum, [N, C, kh * kw, grid]; for providers without pooling indices.
 */
function emitWinners(emitter: Emitter, x: string, images: Shape, grid: Shape, attributes: PoolAttributes): string {
  const area = sizeOf(attributes.kernel)
  // The lowest finite number: minus infinity times the zeros of the identity kernels would not be a number.
  const windows = emitWindows(emitter, x, -3e38, images, grid, attributes)
  const winner = emitter.cast(emitter.node('ArgMax', [windows], { axis: 2, keepdims: 1 }), 'int32')
  return emitter.cast(emitter.node('Equal', [
    winner, emitter.constant(Array.from({ length: area }, (_, i) => i), 'int32', [1, 1, area, 1]),
  ]), 'float32')
}

/** The elements of each window, [N, C, kh * kw, grid], with a number in the padding. */
function emitWindows(
  emitter: Emitter, x: string, around: number, images: Shape, grid: Shape, attributes: PoolAttributes,
): string {
  const [top, left, bottom, right] = attributes.padding as [number, number, number, number]
  const padded = emitter.node(
    'Pad', [x, emitter.constant([0, 0, top, left, 0, 0, bottom, right], 'int64'), emitter.constant(around, 'float32')],
  )
  const columns = emitColumns(
    emitter, padded, sizeAt(images, 1), attributes.kernel, { ...attributes, padding: [0, 0, 0, 0] },
  )
  return emitter.reshape(columns, [...grid.slice(0, 2), sizeOf(attributes.kernel), sizeOf(grid.slice(2))])
}

/**
 * The gradient of max pooling without pooling indices: winners times gradients, put back by a transposed convolution.
 */
function emitGradientByWinners(
  emitter: Emitter, [x, gradient]: readonly [string, string], [images, grid]: readonly [Shape, Shape],
  attributes: PoolAttributes,
): string {
  const area = sizeOf(attributes.kernel)
  const channels = sizeAt(images, 1)
  const [top, left, bottom, right] = attributes.padding as [number, number, number, number]
  const spread = emitter.node('Mul', [
    emitWinners(emitter, x, images, grid, attributes),
    emitter.reshape(gradient, [...grid.slice(0, 2), 1, sizeOf(grid.slice(2))]),
  ])
  const identity = new Float32Array(channels * area * area)
  for (let i = 0; i < channels * area; i++) identity[i * area + (i % area)] = 1
  const covered = imageSize(grid)
    .map((count, axis) => (count - 1) * (attributes.stride[axis] as number) + (attributes.kernel[axis] as number))
  const missing = imageSize(images)
    .map((length, axis) => length - ((covered[axis] as number) - (axis === 0 ? top + bottom : left + right)))
  return emitter.node('ConvTranspose', [
    emitter.reshape(spread, [grid[0] as number, channels * area, ...imageSize(grid)]),
    emitter.constant(identity, 'float32', [channels * area, 1, ...attributes.kernel]),
  ], { ...onnxPool(attributes), group: channels, output_padding: missing })
}

const overlapping = ({ kernel, stride }: PoolAttributes) => kernel.some((size, axis) => size > (stride[axis] as number))

/** The gradient of max pooling: that of each window goes to its largest element, the first of equals. */
export function emitMaxPoolGradient(
  emitter: Emitter, [x, gradient]: readonly [string, string], types: readonly [TensorType, TensorType],
  attributes: PoolAttributes,
): string {
  const [images, grid] = types.map(({ shape }) => shape) as [Shape, Shape]
  if (emitter.provider === 'webgpu') return emitGradientByWinners(emitter, [x, gradient], [images, grid], attributes)
  const view = viewOf(emitter, x, [images, grid], attributes)
  const lines = view.blocked === undefined ? undefined : poolLines(images, attributes)
  if (view.blocked === undefined || !lines) {
    const plain = { images: x, grid, settings: onnxPool(attributes), blocked: undefined }
    return emitScattered(emitter, [emitArgmax(emitter, plain), gradient], [images, grid], attributes)
  }
  const flowing = emitter.blocked(gradient)
  const operands = [view.blocked, emitter.blocked(emitMaxPool(emitter, x, types, attributes)), flowing] as const
  const condition = () => emitter.node('Or', [emitter.mayNotBeFinite(view.images), emitter.mayNotBeFinite(flowing)])
  // A shape is given outside of the branches, whose results would be copied for it.
  const spread = emitter.either(
    condition, { shape: joinedShape(images, lines, emitter), dtype: 'float32' },
    form => form.reshape(
      emitScattered(form, [emitAnyArgmax(form, view), flowing], [images, grid], attributes),
      joinedShape(images, lines, emitter),
    ),
    form => emitBlockedMaxPoolGradient(form, emitter, operands, images, lines),
  )
  return emitter.unblocked(emitter.reshape(spread, images), images[1] as number)
}

/** Gradients put to where the largest elements are. */
function emitScattered(
  emitter: Emitter, [indices, gradient]: readonly [string, string], [images, grid]: readonly [Shape, Shape],
  attributes: PoolAttributes,
): string {
  const flat = [sizeOf(grid)]
  return emitter.reshape(emitter.node('ScatterElements', [
    emitter.zeros([sizeOf(images)]),
    emitter.reshape(indices, flat),
    emitter.reshape(gradient, flat),
  ], { axis: 0, ...(overlapping(attributes) && { reduction: 'add' }) }), images)
}

/** Of other images, the elements where the largest of each window are. */
export function emitMaxPoolPick(
  emitter: Emitter, [x, values]: readonly [string, string], images: Shape, grid: Shape, attributes: PoolAttributes,
): string {
  if (emitter.provider === 'webgpu') {
    const windows = emitWindows(emitter, values, 0, images, grid, attributes)
    const winners = emitWinners(emitter, x, images, grid, attributes)
    return emitter.reshape(emitter.node(
      'ReduceSum', [emitter.node('Mul', [windows, winners]), emitter.constant([2], 'int64')], { keepdims: 0 },
    ), grid)
  }
  const view = { images: x, grid, settings: onnxPool(attributes), blocked: undefined }
  const indices = emitter.reshape(emitArgmax(emitter, view), [sizeOf(grid)])
  return emitter.reshape(
    emitter.node('Gather', [emitter.reshape(values, [sizeOf(images)]), indices], { axis: 0 }), grid,
  )
}
