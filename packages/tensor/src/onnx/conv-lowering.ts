// ONNX forms of a convolution and its gradients: which one is chosen follows from the shapes, by measurement.
// Standard ONNX always has a form. Where the emitter knows a channel block, the native kernels of the blocked layout
// are used: for 3x3 kernels they take half the time, and the reordering around them a tenth.
import { sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import type { Emitter } from './emitter.ts'
import { gridOf, imageSize, type WindowAttributes } from '../ops/window.ts'
import { emitPhases, phases } from './phases.ts'
import { emitWinograd, emitWinogradInputGradient, emitWinogradWeightGradient, winograd } from './winograd.ts'

export interface ConvAttributes extends WindowAttributes {
  readonly groups: number
}

export interface InputGradientAttributes extends ConvAttributes {
  /** Height and width of the input. */
  readonly inputSize: readonly number[]
}

export interface WeightGradientAttributes extends ConvAttributes {
  /** Height and width of the kernel. */
  readonly kernelSize: readonly number[]
}

const onnxWindow = (kernel: Shape, { stride, padding, dilation, groups }: ConvAttributes) =>
  ({ kernel_shape: kernel, strides: stride, pads: padding, dilations: dilation, group: groups })

/** Whether the native kernels read this many channels: whole blocks, or few channels in the plain layout. */
const readsChannels = ({ channelBlock }: Emitter, channels: number) =>
  channelBlock > 0 && (channels % channelBlock === 0 || channels < channelBlock)

/** The channels of whole blocks that hold so many. */
const wholeBlocks = ({ channelBlock }: Emitter, channels: number) => Math.ceil(channels / channelBlock) * channelBlock

/** Up to so many times the work, computing channels of zeros in whole blocks is still faster than the plain kernel. */
const WORTH_FILLING = 3

const writesChannels = (emitter: Emitter, channels: number) =>
  wholeBlocks(emitter, channels) <= WORTH_FILLING * channels

/** Adds zeros at the end of an axis. */
function emitFilled(emitter: Emitter, value: string, shape: Shape, axis: number, size: number): string {
  const missing = shape.with(axis, size - (shape[axis] as number))
  if (missing[axis] === 0) return value
  return emitter.node('Concat', [value, emitter.zeros(missing)], { axis })
}

/**
 * A weight for the native kernels: [O, C, kh, kw] -> [O / b, C / b, kh, kw, b (in), b (out)] under its old shape, or
 * [O / b, C, kh, kw, b] for fewer than b channels.
 */
function emitBlockedWeight(emitter: Emitter, weight: string, shape: Shape): string {
  const [outputs, channels, height, width] = shape as [number, number, number, number]
  const b = emitter.channelBlock
  const area = height * width
  const [split, perm] = channels < b
    ? [[outputs / b, b, channels, area], [0, 2, 3, 1]]
    : [[outputs / b, b, channels / b, b, area], [0, 2, 4, 3, 1]]
  return emitter.reshape(emitter.node('Transpose', [emitter.reshape(weight, split)], { perm }), shape)
}

/** The convolution itself. Names and shapes: images, weight and, where there is one, bias. */
export function emitConv(
  emitter: Emitter, names: readonly string[], shapes: readonly Shape[], attributes: ConvAttributes,
): string {
  const [x, weight, ...bias] = names as [string, string]
  const [images, kernel] = shapes as [Shape, Shape]
  const [outputs, channels] = kernel as [number, number]
  const window = onnxWindow(imageSize(kernel), attributes)
  const plan = winograd(emitter, images, kernel, attributes, 'convolution')
  if (plan) return emitter.unblocked(
    emitWinograd(emitter, [x, weight, ...bias] as [string, string, string?], plan), outputs,
  )
  // A 1x1 kernel is one matrix product, which gains nothing that would pay for reordering.
  if (attributes.groups === 1 && readsChannels(emitter, channels) && writesChannels(
    emitter, outputs,
  ) && (sizeOf(imageSize(kernel)) > 1 || emitter.hasBlocked(x))) {
    const filled = wholeBlocks(emitter, outputs)
    const operands = [
      sizeAt(images, 1) < emitter.channelBlock ? x : emitter.blocked(x),
      emitBlockedWeight(emitter, emitFilled(emitter, weight, kernel, 0, filled), kernel.with(0, filled)),
      ...bias.map(values => emitFilled(emitter, values, [outputs], 0, filled)),
    ]
    const result = emitter.native('Conv', operands, window)
    return filled === outputs ? emitter.unblocked(result, outputs) : emitter.native(
      'ReorderOutput', [result], { channels: outputs },
    )
  }
  return emitter.node('Conv', names, window)
}

/**
 * The gradient of the images: a convolution with the turned kernel where windows move by 1, a transposed one elsewhere.
 */
export function emitInputGradient(
  emitter: Emitter, [gradient, weight]: readonly [string, string], [flowing, kernel]: readonly [Shape, Shape],
  attributes: InputGradientAttributes,
): string {
  const { stride, padding, dilation, groups, inputSize } = attributes
  const plan = winograd(
    emitter, [sizeAt(flowing, 0), sizeAt(kernel, 1) * groups, ...inputSize], kernel, attributes, 'gradients',
  )
  if (plan) return emitter.unblocked(emitWinogradInputGradient(emitter, [gradient, weight], plan), plan.channels)
  const strided = phases(emitter, flowing, kernel, attributes)
  if (strided) return emitter.unblocked(emitPhases(emitter, [gradient, weight], kernel, strided), strided.channels)
  const size = imageSize(kernel)
  const [outputs, perGroup] = kernel as [number, number]
  const grid = gridOf(inputSize, size, attributes)
  const span = size.map((k, axis) => (dilation[axis] as number) * (k - 1))
  const before = span.map((s, axis) => s - (padding[axis] as number))
  // What the windows leave over at the far side gets no gradient: it only widens the padding.
  const after = span.map((s, axis) => (inputSize[axis] as number) +
    s - (before[axis] as number) - ((grid[axis] as number) - 1) * (stride[axis] as number) - 1)
  if (stride.every(step => step === 1) && [...before, ...after].every(amount => amount >= 0)) {
    const transposed = { stride, dilation, groups, padding: [...before, ...after] }
    const shape = [perGroup * groups, outputs / groups, ...size]
    return emitConv(
      emitter, [gradient, emitTransposedWeight(emitter, weight, kernel, groups)], [[1, outputs, ...grid], shape],
      transposed,
    )
  }
  const spread = grid.map((count, axis) => (count - 1) * (stride[axis] as number) + (span[axis] as number) + 1)
  const missing = spread.map((length, axis) =>
    (inputSize[axis] as number) - (length - (padding[axis] as number) - (padding[axis + 2] as number)))
  return emitter.node('ConvTranspose', [gradient, weight], { ...onnxWindow(size, attributes), output_padding: missing })
}

/** The weight of the adjoint convolution: turned by 180 degrees, with its channel axes exchanged inside each group. */
function emitTransposedWeight(
  emitter: Emitter, weight: string, [outputs, perGroup, height, width]: Shape, groups: number,
): string {
  const [o, c, h, w] = [outputs as number, perGroup as number, height as number, width as number]
  const area = h * w
  const exchanged = emitter.node(
    'Transpose', [emitter.reshape(weight, [groups, o / groups, c, area])], { perm: [0, 2, 1, 3] },
  )
  const turned = area === 1 ? exchanged : emitter.node(
    'Gather', [exchanged, emitter.constant(Array.from({ length: area }, (_, i) => area - 1 - i), 'int64')], { axis: 3 },
  )
  return emitter.reshape(turned, [groups * c, o / groups, h, w])
}

/** The gradient of the weight. */
export function emitWeightGradient(
  emitter: Emitter, names: readonly [string, string], shapes: readonly [Shape, Shape],
  attributes: WeightGradientAttributes,
): string {
  const [images, flowing] = shapes
  const plan = winograd(
    emitter, images, [sizeAt(flowing, 1), sizeAt(images, 1) / attributes.groups, ...attributes.kernelSize], attributes,
    'gradients',
  )
  if (plan) return emitWinogradWeightGradient(emitter, names, plan)
  const b = emitter.channelBlock
  const inBlocks = b > 0 && sizeAt(images, 0) % b === 0 && writesChannels(emitter, sizeAt(flowing, 1))
  const sides = reachedPadding(imageSize(images), imageSize(flowing), attributes)
  return inBlocks && attributes.groups === 1 && attributes.dilation.every(step => step === 1) &&
    sizeOf(attributes.kernelSize) > 1 && sides.every(amount => amount >= 0)
    ? emitBlockedWeightGradient(emitter, names, shapes, attributes, sides)
    : emitColumnsWeightGradient(emitter, names, shapes, attributes)
}

/** The padding that windows reach; below 0 at the far sides where they leave rows or columns of the image over. */
function reachedPadding(
  image: Shape, grid: Shape, { kernelSize, stride, padding, dilation }: WeightGradientAttributes,
): number[] {
  const far = grid.map((count, axis) =>
    (count - 1) * (stride[axis] as number) + (dilation[axis] as number) * ((kernelSize[axis] as number) - 1) + 1 -
    (image[axis] as number) - (padding[axis] as number))
  return [...padding.slice(0, 2), ...far]
}

/** Images with their channels last, [N, H, W, C], by the cheapest way. */
function emitChannelsLast(emitter: Emitter, x: string, [, channels]: Shape): string {
  if ((channels as number) % emitter.channelBlock !== 0) return emitter.node('Transpose', [x], { perm: [0, 2, 3, 1] })
  // One block of channels lies so already.
  return channels === emitter.channelBlock ? emitter.blocked(x)
    : emitter.native('ReorderOutput', [emitter.blocked(x)], { channels: channels as number, channels_last: 1 })
}

/** [N, O, P] -> [N / b, O / b, P, b (samples), b (outputs)], with outputs of zeros up to a number of whole blocks. */
function emitSamplesInside(emitter: Emitter, gradient: string, flowing: Shape, outputs: number): string {
  const [batch, wanted] = flowing as [number, number]
  const b = emitter.channelBlock
  const points = sizeOf(imageSize(flowing))
  if (wanted === outputs && emitter.hasBlocked(gradient)) {
    return emitter.exchangeRows(emitter.blocked(gradient), [batch / b, b, (outputs / b) * points, b])
  }
  const samples = emitter.reshape(
    emitter.native('ReorderInput', [emitter.reshape(gradient, [1, batch, wanted, points])]),
    [batch / b, wanted, points, b],
  )
  return emitter.native(
    'ReorderInput', [emitFilled(emitter, samples, [batch / b, wanted, points, b], 1, outputs)],
  )
}

/**
 * As a convolution with exchanged roles: the samples are its channels, and the gradient its kernel, whose elements lie
 * a stride apart. Columns and channels of the images are one axis, so that a row of its result holds all channels side
 * by side, as many as the native kernel can compute at once; and every block of samples is a group, whose results are
 * added up. The images are padded first: the native kernels are slow at padded borders.
 */
function emitBlockedWeightGradient(
  emitter: Emitter, [x, gradient]: readonly [string, string], [images, flowing]: readonly [Shape, Shape],
  attributes: WeightGradientAttributes, sides: readonly number[],
): string {
  const { kernelSize, stride: [down, across] } = attributes
  const [batch, channels, height, width] = images as [number, number, number, number]
  const wanted = sizeAt(flowing, 1)
  const outputs = wholeBlocks(emitter, wanted)
  const grid = imageSize(flowing)
  const b = emitter.channelBlock
  // [N, H, W, C] -> [N / b, H, W C, b]
  const rows = emitter.native(
    'ReorderInput', [emitter.reshape(emitChannelsLast(emitter, x, images), [1, batch, height, width * channels])],
  )
  const [top, left, bottom, right] = sides as [number, number, number, number]
  // The padding is a depthwise identity convolution, which shares its work among threads as Pad does not.
  const padded = sides.every(amount => amount === 0) ? rows
    : emitter.native('Conv', [rows, emitter.depthwiseOnes(batch)], {
      kernel_shape: [1, 1], pads: [top, left * channels, bottom, right * channels], group: batch,
    })
  const kernel = emitter.reshape(
    emitSamplesInside(emitter, gradient, flowing, outputs), [(batch / b) * outputs, b, ...grid],
  )
  const result = emitter.native('Conv', [padded, kernel], {
    kernel_shape: grid, strides: [1, 1], pads: [0, 0, 0, 0], dilations: [down as number, (across as number) * channels],
    group: batch / b,
  })
  // [N / b, O / b, k C, b] -> [O / b, k, C, b] -> [O / b, b, C, k]
  const area = sizeOf(kernelSize)
  const shares = emitter.reshape(result, [batch / b, outputs / b, area, channels, b])
  const total = batch === b ? emitter.reshape(shares, [outputs / b, area, channels, b]) : emitter.node(
    'ReduceSum', [shares, emitter.constant([0], 'int64')], { keepdims: 0 },
  )
  const weights = emitter.reshape(
    emitter.node('Transpose', [total], { perm: [0, 3, 2, 1] }), [outputs, channels, ...kernelSize],
  )
  return wanted === outputs ? weights : emitter.node(
    'Slice',
    [weights, emitter.constant([0], 'int64'), emitter.constant([wanted], 'int64'), emitter.constant([0], 'int64')],
  )
}

/**
 * As products of the output's gradient with the windows of the input, laid out as columns by a convolution with
 * identity kernels; a 1x1 kernel needs no columns.
 */
function emitColumnsWeightGradient(
  emitter: Emitter, [x, gradient]: readonly [string, string], [images, flowing]: readonly [Shape, Shape],
  attributes: WeightGradientAttributes,
): string {
  const { kernelSize, groups, stride, padding } = attributes
  const [batch, channels] = images as [number, number]
  const outputs = sizeAt(flowing, 1)
  const points = sizeOf(imageSize(flowing))
  const area = sizeOf(kernelSize)
  const asIs = area === 1 && stride.every(step => step === 1) && padding.every(amount => amount === 0)
  const columns = asIs ? x : emitColumns(emitter, x, channels, kernelSize, attributes)
  const perGroup = (channels / groups) * area
  const left = emitter.reshape(columns, [batch, groups, perGroup, points])
  const right = emitter.node(
    'Transpose', [emitter.reshape(gradient, [batch, groups, outputs / groups, points])], { perm: [0, 1, 3, 2] },
  )
  // [N, groups, columns, out] -> sum over N -> [groups, columns, out] -> [out, in, kh, kw]
  const products = emitter.node('MatMul', [left, right])
  const total = batch === 1 ? emitter.reshape(products, [groups, perGroup, outputs / groups])
    : emitter.node('ReduceSum', [products, emitter.constant([0], 'int64')], { keepdims: 0 })
  return emitter.reshape(
    emitter.node('Transpose', [total], { perm: [0, 2, 1] }), [outputs, channels / groups, ...kernelSize],
  )
}

/**
 * Every window as a column: [N, C, H, W] -> [N, C * kh * kw, grid height, grid width], by one depthwise convolution.
 */
export function emitColumns(
  emitter: Emitter, x: string, channels: number, kernel: Shape, { stride, padding, dilation }: WindowAttributes,
): string {
  const area = sizeOf(kernel)
  const identity = new Float32Array(channels * area * area)
  for (let c = 0; c < channels; c++) for (let k = 0; k < area; k++) identity[(c * area + k) * area + k] = 1
  return emitter.node('Conv', [x, emitter.constant(identity, 'float32', [channels * area, 1, ...kernel])], {
    kernel_shape: kernel, strides: stride, pads: padding, dilations: dilation, group: channels,
  })
}
