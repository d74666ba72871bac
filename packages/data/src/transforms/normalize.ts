// Normalisation of images: bytes to numbers of mean 0 and standard deviation 1 over the training set.
import { sizeOf } from '../dataset.ts'
import type { ColumnData } from '../dataset.ts'

/** Mean and standard deviation, one for all channels or one a channel. For bytes they count after division by 255. */
export interface Statistics {
  readonly mean: readonly number[]
  readonly standardDeviation: readonly number[]
}

/** Writes (x / 255 - mean) / standardDeviation of `length` elements; float32 input is not divided by 255. */
export function normalizeInto(
  target: Float32Array,
  source: ColumnData,
  length: number,
  shape: readonly number[],
  { mean, standardDeviation }: Statistics,
) {
  const channels = shape[0] ?? 1
  const area = sizeOf(shape) / channels
  const range = source instanceof Uint8Array ? 255 : 1
  const scales = Array.from(
    { length: channels },
    (_, c) => 1 / (range * (standardDeviation[c] ?? standardDeviation[0] ?? 1)),
  )
  const shifts = Array.from(
    { length: channels },
    (_, c) => (mean[c] ?? mean[0] ?? 0) / (standardDeviation[c] ?? standardDeviation[0] ?? 1),
  )
  for (let start = 0, channel = 0; start < length; start += area, channel = (channel + 1) % channels) {
    const scale = scales[channel] as number
    const shift = shifts[channel] as number
    for (let k = start; k < start + area; k++) target[k] = (source[k] as number) * scale - shift
  }
}

/**
 * Images as float32 of mean 0 and standard deviation 1: (x / 255 - mean) / standardDeviation for bytes,
 * (x - mean) / standardDeviation for float32.
 * @param images any number of examples, one after the other
 * @param shape the shape of one example, channels first
 */
export function normalize(images: ColumnData, shape: readonly number[], statistics: Statistics): Float32Array {
  const target = new Float32Array(images.length)
  normalizeInto(target, images, images.length, shape, statistics)
  return target
}
