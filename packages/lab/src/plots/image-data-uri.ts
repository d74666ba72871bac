// Pixels as a PNG inside a data URI, so that a figure or report needs no other file.
import { UserError } from '@ddlf/tensor/errors'
import { encode } from 'fast-png'

/** An image in memory. */
export interface PixelImage {
  readonly width: number
  readonly height: number
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: 1 | 3
  /** 0 .. 255, row-major with channels last: shape [height, width, channels]. */
  readonly pixels: Uint8Array
}

/**
 * Makes an image from values in channels-first order, as tensors hold them.
 * @param values shape [channels, height, width]
 * @param shape [channels, height, width], with 1 or 3 channels
 * @param range values shown as black and as full brightness; default: the smallest and largest value
 * @throws UserError when the shape does not fit
 */
export function pixelImage(
  values: ArrayLike<number>,
  shape: readonly [channels: number, height: number, width: number],
  range?: readonly [low: number, high: number],
): PixelImage {
  const [channels, height, width] = shape
  if ((channels !== 1 && channels !== 3) || values.length !== channels * height * width) {
    throw new UserError({
      rule: 'An image must have 1 or 3 channels and one value for every channel, row and column.',
      received: `${values.length} values for shape [${shape.join(', ')}]`,
      next: 'Pass one image at a time, as [channels, height, width].',
    })
  }
  let [low, high] = range ?? [Infinity, -Infinity]
  if (!range) {
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i] ?? NaN)
      high = Math.max(high, values[i] ?? NaN)
    }
  }
  const scale = high > low ? 255 / (high - low) : 0
  const pixels = new Uint8Array(values.length)
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < height * width; p++) {
      pixels[p * channels + c] = Math.min(
        255,
        Math.max(0, Math.round(((values[c * height * width + p] ?? 0) - low) * scale)),
      )
    }
  }
  return { width, height, channels, pixels }
}

/**
 * A few colours from black over red to near white (like matplotlib's 'hot'), for maps of how much each pixel counts.
 */
const heat = (share: number): [number, number, number] => [
  255 * Math.min(1, share * 2.6),
  255 * Math.min(1, Math.max(0, share * 2.6 - 1)),
  255 * Math.min(1, Math.max(0, share * 2.6 - 2)),
]

/**
 * A map of importance as a picture: black where it is lowest, near white where it is highest.
 * @param values row-major, shape [height, width]
 * @throws UserError when the shape does not fit
 */
export function heatImage(values: ArrayLike<number>, height: number, width: number): PixelImage {
  const grey = pixelImage(values, [1, height, width])
  const pixels = new Uint8Array(3 * grey.pixels.length)
  grey.pixels.forEach((value, p) => pixels.set(heat(value / 255), 3 * p))
  return { width, height, channels: 3, pixels }
}

/** The image as 'data:image/png;base64,...'. */
export function imageDataUri({ width, height, channels, pixels }: PixelImage): string {
  const png = encode({ width, height, channels, data: pixels, depth: 8 })
  let binary = ''
  for (let start = 0; start < png.length; start += 0x8000)
    binary += String.fromCharCode(...png.subarray(start, start + 0x8000))
  return `data:image/png;base64,${btoa(binary)}`
}
