// Moves of whole pixels in the blocked layout of the native kernels: rows of a block of channels, or of half a block,
// are copied by Gather, which shares them among threads. What comes out is blocked too, so that images are not
// reordered for a slice or a border between two convolutions.
import type { TensorType } from '../ir/op.ts'
import type { Shape } from '../ir/shape.ts'
import type { Emitter } from './emitter.ts'

/** Rows of fewer elements cost more than reordering the images. */
const SHORTEST_ROW = 8

/** Along each axis: where elements are taken from, or put to. */
export interface Move {
  readonly starts: readonly number[]
  readonly steps: readonly number[]
  readonly way: 'taken' | 'put'
}

/** [N, rows, row] -> [N, order.length, row] */
export const emitRows = (
  emitter: Emitter, form: string, [batch, rows, row]: readonly [number, number, number], key: string,
  order: () => readonly number[],
): string => emitter.node('Gather', [
  emitter.reshape(form, [batch, rows, row]), emitter.shared(`rows ${key}`, () => emitter.constant(order(), 'int32')),
], { axis: 1 })

/**
 * The blocked images with one more row, of zeros, below: through a depthwise identity, which shares its work among
 * threads as Pad does not.
 */
function emitRowOfZeros(emitter: Emitter, form: string, channels: number): string {
  const attributes = { kernel_shape: [1, 1], pads: [0, 0, 1, 0], group: channels }
  return emitter.native('Conv', [form, emitter.depthwiseOnes(channels)], attributes)
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/**
 * A slice of images, or images put among zeros, where the images have a blocked form and whole rows of their channels
 * move; `undefined` elsewhere.
 */
export function emitMovedPixels(
  emitter: Emitter, x: string, [from, to]: readonly [TensorType, TensorType], { starts, steps, way }: Move,
): string | undefined {
  if (!emitter.fitsBlocks(from) || !emitter.fitsBlocks(to) || !emitter.hasBlocked(x)) return undefined
  const whole = from.shape[0] === to.shape[0] && steps[0] === 1 && steps[1] === 1
  const b = emitter.channelBlock
  const row = divisor(b, starts[1] as number)
  if (!whole || row < Math.min(SHORTEST_ROW, b)) return undefined
  const [batch, channels, height, width] = from.shape as [number, number, number, number]
  const below = way === 'put' ? 1 : 0
  const form = below === 1 ? emitRowOfZeros(emitter, emitter.blocked(x), channels) : emitter.blocked(x)
  const rows = ((channels * (height + below)) / row) * width
  /** Where along an axis the element comes from that has this place in the result. */
  const sourceOf = (axis: number, place: number): number | undefined => {
    const [start, step] = [starts[axis] as number, steps[axis] as number]
    if (way === 'taken') return start + place * step
    const source = (place - start) / step
    return Number.isInteger(source) && source >= 0 && source < (from.shape[axis] as number) ? source : undefined
  }
  const numberOf = (channel: number, y: number, z: number) =>
    ((Math.floor(channel / b) * (height + below) + y) * width + z) * (b / row) + (channel % b) / row
  const order = () => placesOf(to.shape, b, row).map(([channel, y, z]) => {
    const [c, v, w] = [sourceOf(1, channel), sourceOf(2, y), sourceOf(3, z)]
    return c === undefined || v === undefined || w === undefined ? numberOf(0, height, 0) : numberOf(c, v, w)
  })
  const key = `${way} ${from.shape.join()} ${to.shape.join()} ${starts.join()} ${steps.join()}`
  return emitter.unblocked(
    emitter.reshape(emitRows(emitter, form, [batch, rows, row], key, order), to.shape), to.shape[1] as number,
  )
}

/** The first channel, the row and the column of every part of `row` channels of blocked images, in order. */
function placesOf([, channels, height, width]: Shape, b: number, row: number): [number, number, number][] {
  const places: [number, number, number][] = []
  for (let block = 0; block < (channels as number); block += b)
    for (let y = 0; y < (height as number); y++)
      for (let z = 0; z < (width as number); z++)
        for (let part = 0; part < b; part += row) places.push([block + part, y, z])
  return places
}
