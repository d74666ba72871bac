// One image file of the user's own: PNG or JPEG bytes to pixels, and pixels to another size.
import { convertIndexedToRgb, decode as decodePng, hasPngSignature } from 'fast-png'
import type { DecodedPng } from 'fast-png'
import { decode as decodeJpeg } from 'jpeg-js'
import { UserError } from '@ddlf/tensor/errors'

/** Pixels as bytes, channels x height x width. */
export interface PixelImage {
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
  readonly data: Uint8Array
}

/** Largest image that is decoded, in pixels, so that a few bytes cannot claim all memory. */
const MOST_PIXELS = 50_000_000

/** Grey level of a colour: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), as common image libraries do. */
const luma = (r: number, g: number, b: number) => 0.299 * r + 0.587 * g + 0.114 * b

/** Pixels with their channels next to each other, 8 bits each. */
interface Interleaved {
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha. */
  readonly channels: number
  readonly data: ArrayLike<number>
}

/** Grey levels of fewer than 8 bits lie packed in bytes, each row from a byte of its own. */
function unpackGrey({ width, height, depth, data }: DecodedPng): Uint8Array {
  const pixels = new Uint8Array(width * height)
  const rowBytes = Math.ceil((width * depth) / 8)
  const most = 2 ** depth - 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      const byte = data[y * rowBytes + (bit >> 3)] as number
      pixels[y * width + x] = Math.round((((byte >> (8 - depth - (bit & 7))) & most) * 255) / most)
    }
  }
  return pixels
}

function readPng(bytes: Uint8Array): Interleaved {
  const png = decodePng(bytes, { checkCrc: true })
  const { width, height, channels, depth, palette } = png
  if (palette !== undefined) {
    const data = convertIndexedToRgb(png)
    return { width, height, channels: data.length / (width * height), data }
  }
  if (depth < 8) return { width, height, channels: 1, data: unpackGrey(png) }
  return { width, height, channels, data: depth === 16 ? Uint8Array.from(png.data, value => value >> 8) : png.data }
}

/** Width and height as a PNG's first chunk states them. */
const pngExtent = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint32(16) * view.getUint32(20)
}

/**
 * Decodes a PNG or a JPEG. Transparent pixels are laid on white; 16-bit levels keep their upper 8 bits.
 * @param channels 1 for grey levels, 3 for red, green and blue
 * @param name how messages call the file
 * @throws {UserError} when the bytes are neither, are damaged, or claim more than 50 million pixels
 */
export function decodeImage(bytes: Uint8Array, channels: 1 | 3, name: string): PixelImage {
  let source: Interleaved
  try {
    if (bytes.length > 24 && hasPngSignature(bytes)) {
      if (pngExtent(bytes) > MOST_PIXELS) throw new Error(`more than ${MOST_PIXELS} pixels`)
      source = readPng(bytes)
    } else if (bytes[0] === 0xff && bytes[1] === 0xd8) {
      const { width, height, data } = decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false, maxResolutionInMP: MOST_PIXELS / 1e6, maxMemoryUsageInMB: 1024 })
      source = { width, height, channels: 3, data }
    } else {
      throw new Error('neither a PNG nor a JPEG signature')
    }
    if (!(source.width > 0 && source.height > 0)) throw new Error('no pixels')
  } catch (error) {
    throw new UserError(
      { rule: `${name} must be a sound PNG or JPEG image.`, received: error instanceof Error ? error.message : String(error), next: 'convert or remove the file' },
      { cause: error },
    )
  }
  const { width, height, channels: from, data } = source
  const area = width * height
  const pixels = new Uint8Array(channels * area)
  const hasAlpha = from === 2 || from === 4
  const colours = hasAlpha ? from - 1 : from
  for (let k = 0; k < area; k++) {
    const at = k * from
    const alpha = hasAlpha ? (data[at + colours] as number) / 255 : 1
    const on = (value: number) => value * alpha + 255 * (1 - alpha)
    const r = on(data[at] as number)
    const g = colours === 1 ? r : on(data[at + 1] as number)
    const b = colours === 1 ? r : on(data[at + 2] as number)
    if (channels === 1) {
      pixels[k] = Math.round(colours === 1 ? r : luma(r, g, b))
    } else {
      pixels[k] = Math.round(r)
      pixels[area + k] = Math.round(g)
      pixels[2 * area + k] = Math.round(b)
    }
  }
  return { channels, height, width, data: pixels }
}

/** Which source pixels make up each target pixel along one side, and with what weights. */
function resampling(from: number, to: number): { first: number; weights: Float64Array }[] {
  const scale = from / to
  // A triangle as wide as two target pixels when shrinking (so that no source pixel is passed over), else two source pixels.
  const reach = Math.max(1, scale)
  return Array.from({ length: to }, (_, k) => {
    const centre = (k + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const end = Math.min(from, Math.trunc(centre + reach + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_, j) => Math.max(0, 1 - Math.abs((first + j + 0.5 - centre) / reach)))
    const sum = weights.reduce((a, b) => a + b, 0)
    return { first, weights: weights.map(weight => weight / sum) }
  })
}

/**
 * Resizes an image bilinearly; when it shrinks, each new pixel is a weighted mean of all that it covers (the antialiased
 * bilinear filter of Pillow and of PyTorch's `interpolate(..., antialias=True)`).
 */
export function resizeImage(image: PixelImage, height: number, width: number): PixelImage {
  if (image.height === height && image.width === width) return image
  const across = resampling(image.width, width)
  const down = resampling(image.height, height)
  const middle = new Float64Array(image.height * width)
  const data = new Uint8Array(image.channels * height * width)
  for (let channel = 0; channel < image.channels; channel++) {
    const plane = image.data.subarray(channel * image.height * image.width, (channel + 1) * image.height * image.width)
    for (let y = 0; y < image.height; y++) {
      for (const [x, { first, weights }] of across.entries()) {
        let sum = 0
        for (let j = 0; j < weights.length; j++) sum += (weights[j] as number) * (plane[y * image.width + first + j] as number)
        middle[y * width + x] = sum
      }
    }
    for (const [y, { first, weights }] of down.entries()) {
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let j = 0; j < weights.length; j++) sum += (weights[j] as number) * (middle[(first + j) * width + x] as number)
        data[(channel * height + y) * width + x] = Math.round(sum)
      }
    }
  }
  return { channels: image.channels, height, width, data }
}
