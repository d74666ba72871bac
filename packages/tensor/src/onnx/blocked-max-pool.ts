// The gradient of max pooling of blocked images, an axis after the other: of each window first the row whose largest
// element is the window's, then its column, the first of equals. Every step is a pass over whole tensors that the
// native kernels share among threads, where indices of the largest elements and scattering by them take two to three
// times as long.
import { sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import { gridOf, imageSize } from '../ops/window.ts'
import type { PoolAttributes } from './emit-max-pool.ts'
import type { Emitter } from './emitter.ts'

/** Longer windows would take more passes than indices cost. */
const LONGEST_WINDOW = 5

/** Windows along one axis of images [N, C, H, W]: 2 for rows, 3 for columns. */
interface Line {
  readonly axis: 2 | 3
  readonly kernel: number
  readonly step: number
  readonly before: number
  readonly after: number
  /** Elements along the axis, and windows. */
  readonly size: number
  readonly count: number
}

/**
 * The windows of both axes, where they tile the images; `undefined` elsewhere. Where windows overlap the passes took a
 * tenth more memory in a whole training step than indices, and gained little.
 */
export function poolLines(images: Shape, attributes: PoolAttributes): readonly [Line, Line] | undefined {
  const { kernel, stride, padding } = attributes
  const [size, grid] = [imageSize(images), gridOf(imageSize(images), kernel, attributes)]
  const line = (i: 0 | 1): Line => ({
    axis: i === 0 ? 2 : 3, kernel: kernel[i] as number, step: stride[i] as number, before: padding[i] as number,
    after: padding[i + 2] as number, size: size[i], count: grid[i],
  })
  const lines = [line(0), line(1)] as const
  const fits = lines.every(({ kernel, step, size }) =>
    kernel === step && kernel <= LONGEST_WINDOW && size % step === 0)
  return fits ? lines : undefined
}

const along = ({ axis }: Line, size: number, other = 1): [number, number] =>
  (axis === 2 ? [size, other] : [other, size])

/** A depthwise convolution along an axis that takes one element of its kernel, as its attributes and weight. */
function picking(
  emitter: Emitter, line: Line, channels: number, [length, place]: readonly [number, number],
  [before, after]: readonly [number, number], step: number,
) {
  const b = emitter.channelBlock
  const weight = emitter.shared(`element ${place} of ${length} on axis ${line.axis}, ${channels}`, () => {
    // [C / b, length, b]
    const values = Float32Array.from({ length: channels * length }, (_, i) =>
      (Math.floor(i / b) % length === place ? 1 : 0))
    return emitter.constant(values, 'float32', [channels, 1, ...along(line, length)])
  })
  const pads = [...along(line, before, 0), ...along(line, after, 0)]
  const [kernel, strides] = [along(line, length), along(line, step)]
  return { weight, attributes: { kernel_shape: kernel, strides, pads, group: channels } }
}

/** 1 where element `tap` of a window is its largest, in the shape of the windows. */
function emitIsLargest(
  form: Emitter, emitter: Emitter, line: Line, tap: number, [values, largest]: readonly [string, string],
  [batch, channels, height, width]: readonly [number, number, number, number],
): string {
  const { before, kernel, step, size, count } = line
  const places = Array.from({ length: count }, (_, window) => window * step + tap - before)
  const outside = places.map(place => (place < 0 || place >= size ? -Infinity : 0))
  // - largest, or -Infinity where the element lies in the padding and is none.
  const inner = line.axis === 2 ? width * emitter.channelBlock : emitter.channelBlock
  const shape = [batch, channels, height, width]
  const negated = outside.every(value => value === 0) ? form.node('Neg', [largest])
    : form.reshape(form.node('Sub', [
      form.constant(outside, 'float32', [count, 1]),
      form.reshape(largest, [sizeOf(shape) / count / inner, count, inner]),
    ]), shape)
  const missing = Math.max(0, (places.at(-1) as number) - (size - 1))
  const short = Math.floor((size + before + missing - tap - 1) / step) + 1 === count
  const { weight, attributes } = picking(
    emitter, line, channels, [short ? tap + 1 : kernel, tap], [before, short ? missing : line.after], step,
  )
  // min(max(3e38 (x - largest) + 1, 0), 1): exact unless they differ by less than 4e-39.
  const activation = { activation: 'HardSigmoid', activation_params: { floats: [3e38, 1] } }
  return form.native('Conv', [values, weight, '', negated], { ...attributes, ...activation })
}

/** What flows to each element of the windows, in the shape of the windows: to the first that is the largest. */
function emitShares(
  form: Emitter, emitter: Emitter, line: Line, [values, largest, gradient]: readonly [string, string, string],
  shape: readonly [number, number, number, number],
): string[] {
  const shares: string[] = []
  let rest = gradient
  for (let tap = 0; tap < line.kernel - 1; tap++) {
    const mask = emitIsLargest(form, emitter, line, tap, [values, largest], shape)
    const share = form.node('Mul', [rest, mask])
    shares.push(share)
    // What is taken is all or nothing, so that nothing is rounded.
    rest = form.node('Sub', [rest, share])
  }
  return [...shares, rest]
}

/** [.., phases of the axis, elements in a row], of images whose columns or rows are put together. */
function rowsOf({ axis, step }: Line, shape: Shape, block: number): [number, number, number] {
  const inner = axis === 2 ? sizeAt(shape, 3) * block : block
  return [sizeOf(shape) / (inner * step), step, inner]
}

/** The shape in which {@link emitBlockedMaxPoolGradient} gives its result. */
export const joinedShape = (images: Shape, [, columns]: readonly [Line, Line], { channelBlock }: Emitter): Shape =>
  columns.step === 1 ? images : rowsOf(columns, images, channelBlock)

/**
 * The shares of windows as the gradient of the elements along the axis, which has phases as a convolution with strides
 * does: [.., count, ..] each -> [.., size, ..] as {@link rowsOf} divides it.
 */
function emitTogether(
  form: Emitter, emitter: Emitter, line: Line, shares: readonly string[],
  shape: readonly [number, number, number, number],
): string {
  const { step, before, size, count } = line
  const channels = shape[1]
  const length = size / step
  const parts = Array.from({ length: step }, (_, phase) => {
    const tap = (phase + before) % step
    const share = shares[tap] as string
    // Windows that begin in the padding lie before the elements of this phase.
    const front = (tap - before - phase) / step
    const behind = length - count - front
    if (front === 0 && behind === 0) return share
    const cropped = Math.max(0, -front)
    const { weight, attributes } = picking(
      emitter, line, channels, [1 + cropped + Math.max(0, -behind), cropped], [Math.max(0, front), Math.max(0, behind)],
      1,
    )
    return form.native('Conv', [share, weight], attributes)
  })
  const [rows, , inner] = rowsOf(line, shape, emitter.channelBlock)
  return parts.length === 1 ? parts[0] as string
    : form.node('Concat', parts.map(part => form.reshape(part, [rows, 1, inner])), { axis: 1 })
}

/**
 * The gradient in the blocked layout, of finite numbers.
 * @param form the emitter of the branch that is taken for finite numbers; constants are shared in `emitter`
 * @param names the blocked forms of the images, of the largest elements and of the gradient that flows to them
 */
export function emitBlockedMaxPoolGradient(
  form: Emitter, emitter: Emitter, [x, largest, gradient]: readonly [string, string, string], images: Shape,
  [rows, columns]: readonly [Line, Line],
): string {
  const [batch, channels] = images as [number, number]
  const inRows = form.native('MaxPool', [x], {
    kernel_shape: [1, columns.kernel], strides: [1, columns.step], pads: [0, columns.before, 0, columns.after],
  })
  const ofRows = form.reshape(emitTogether(
    form, emitter, rows,
    emitShares(form, emitter, rows, [inRows, largest, gradient], [batch, channels, rows.count, columns.count]),
    [batch, channels, rows.size, columns.count],
  ), [batch, channels, rows.size, columns.count])
  return emitTogether(
    form, emitter, columns,
    emitShares(form, emitter, columns, [x, inRows, ofRows], [batch, channels, rows.size, columns.count]),
    [batch, channels, rows.size, columns.size],
  )
}
