// Transforms that move pixels by less than whole steps: affine maps and elastic distortion, sampled bilinearly.
import { threefry2x32 } from '@ddlf/tensor/random'
import type { ImageOperation, ImageShape } from './pipeline.ts'
import type { ResolvedOf } from './transform.ts'

/**
 * The value of one channel at a place between pixels: bilinear over the four neighbours, where pixels outside the image
 * have the value `fill`. (x, y) in pixels, (0, 0) the centre of the first pixel.
 */
function sample(
  source: Uint8Array,
  start: number,
  height: number,
  width: number,
  x: number,
  y: number,
  fill: number,
): number {
  const x0 = Math.floor(x)
  const y0 = Math.floor(y)
  if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) return fill
  const fx = x - x0
  const fy = y - y0
  const at = start + y0 * width + x0
  if (x0 >= 0 && y0 >= 0 && x0 < width - 1 && y0 < height - 1) {
    const upper = (source[at] as number) * (1 - fx) + (source[at + 1] as number) * fx
    const lower = (source[at + width] as number) * (1 - fx) + (source[at + width + 1] as number) * fx
    return upper * (1 - fy) + lower * fy
  }
  const left = x0 >= 0
  const right = x0 + 1 < width
  const top = y0 >= 0
  const bottom = y0 + 1 < height
  const a = left && top ? (source[at] as number) : fill
  const b = right && top ? (source[at + 1] as number) : fill
  const c = left && bottom ? (source[at + width] as number) : fill
  const d = right && bottom ? (source[at + width + 1] as number) : fill
  return (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy
}

/**
 * Replaces an image by its samples at the places (sourceX, sourceY), one a pixel, the same for every channel.
 * @param copy memory for one image
 */
export function warpImage(
  pixels: Uint8Array,
  offset: number,
  { channels, height, width }: ImageShape,
  sourceX: Float32Array | Float64Array,
  sourceY: Float32Array | Float64Array,
  fill: number,
  copy: Uint8Array,
) {
  const area = height * width
  copy.set(pixels.subarray(offset, offset + channels * area))
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * area
    for (let k = 0; k < area; k++) {
      pixels[offset + start + k] =
        sample(copy, start, height, width, sourceX[k] as number, sourceY[k] as number, fill) + 0.5
    }
  }
}

/** An affine change about the centre of the image; angles in degrees, translation in pixels. */
export interface AffineParameters {
  readonly degrees: number
  readonly translateX: number
  readonly translateY: number
  readonly scale: number
  readonly shear: number
}

/**
 * For every pixel of the result, the place in the source: p = M^-1 (q - t) about the centre, where
 * M = scale * rotation(degrees) * [[1, tan(shear)], [0, 1]]. A positive angle turns counter-clockwise, as in
 * torchvision.
 */
export function affineMap(
  { height, width }: ImageShape,
  parameters: AffineParameters,
  sourceX: Float64Array,
  sourceY: Float64Array,
) {
  const angle = (-parameters.degrees * Math.PI) / 180
  const tangent = Math.tan((parameters.shear * Math.PI) / 180)
  const cosine = Math.cos(angle) / parameters.scale
  const sine = Math.sin(angle) / parameters.scale
  // rotation^-1 = [[c, s], [-s, c]], shear^-1 = [[1, -tan], [0, 1]]
  const xx = cosine + tangent * sine
  const xy = sine - tangent * cosine
  const centreX = (width - 1) / 2
  const centreY = (height - 1) / 2
  for (let y = 0, k = 0; y < height; y++) {
    const v = y - centreY - parameters.translateY
    for (let x = 0; x < width; x++, k++) {
      const u = x - centreX - parameters.translateX
      sourceX[k] = xx * u + xy * v + centreX
      sourceY[k] = -sine * u + cosine * v + centreY
    }
  }
}

const between = (low: number, high: number, word: number) => low + ((high - low) * word) / 2 ** 32

export function affine(
  { degrees, translate, scale, shear, fill }: ResolvedOf<'affine'>,
  shape: ImageShape,
): ImageOperation {
  const { channels, height, width } = shape
  const sourceX = new Float64Array(height * width)
  const sourceY = new Float64Array(height * width)
  const copy = new Uint8Array(channels * height * width)
  return (pixels, offset, key, index) => {
    const [a, b] = threefry2x32(key, [index, 0])
    const [c, d] = threefry2x32(key, [index, 1])
    const [e] = threefry2x32(key, [index, 2])
    const parameters = {
      degrees: between(-degrees, degrees, a),
      translateX: between(-translate, translate, b) * width,
      translateY: between(-translate, translate, c) * height,
      scale: between(scale[0], scale[1], d),
      shear: between(-shear, shear, e),
    }
    affineMap(shape, parameters, sourceX, sourceY)
    warpImage(pixels, offset, shape, sourceX, sourceY, fill, copy)
  }
}

/**
 * The taps of a Gaussian filter cut at four standard deviations, from the centre outwards; with both sides they add up
 * to 1.
 */
function gaussianTaps(sigma: number): Float32Array {
  const radius = Math.floor(4 * sigma + 0.5)
  const taps = Float32Array.from({ length: radius + 1 }, (_, k) => Math.exp(-(k * k) / (2 * sigma * sigma)))
  const sum = taps.reduce((total, tap) => total + tap, 0) * 2 - (taps[0] as number)
  return taps.map(tap => tap / sum)
}

/** The filter along one side as a matrix [extent, extent]: row i holds the weights of all places for place i. */
function filterMatrix(taps: Float32Array, extent: number): Float32Array {
  const matrix = new Float32Array(extent * extent)
  for (let i = 0; i < extent; i++) for (let j = 0; j < extent; j++) matrix[i * extent + j] = taps[Math.abs(i - j)] ?? 0
  return matrix
}

/**
 * target [rows, columns] = left [rows, inner] * right [inner, columns]; four products a pass, so that the target is
 * touched less.
 */
function multiply(
  target: Float32Array,
  left: Float32Array,
  right: Float32Array,
  rows: number,
  inner: number,
  columns: number,
) {
  target.fill(0)
  for (let row = 0; row < rows; row++) {
    const to = row * columns
    let k = 0
    for (; k + 3 < inner; k += 4) {
      const at = row * inner + k
      const [w0, w1, w2, w3] = [
        left[at] as number,
        left[at + 1] as number,
        left[at + 2] as number,
        left[at + 3] as number,
      ]
      const [r0, r1, r2, r3] = [k * columns, (k + 1) * columns, (k + 2) * columns, (k + 3) * columns]
      for (let x = 0; x < columns; x++) {
        target[to + x] =
          (target[to + x] as number) +
          w0 * (right[r0 + x] as number) +
          w1 * (right[r1 + x] as number) +
          w2 * (right[r2 + x] as number) +
          w3 * (right[r3 + x] as number)
      }
    }
    for (; k < inner; k++) {
      const weight = left[row * inner + k] as number
      for (let x = 0, from = k * columns; x < columns; x++)
        target[to + x] = (target[to + x] as number) + weight * (right[from + x] as number)
    }
  }
}

/**
 * Makes a function that smooths a field [height, width] in place: rows filter * field * columns filter; zero outside.
 */
function gaussianFilter(height: number, width: number, sigma: number) {
  const taps = gaussianTaps(sigma)
  const rows = filterMatrix(taps, height)
  const columns = filterMatrix(taps, width)
  const held = new Float32Array(height * width)
  return (field: Float32Array) => {
    multiply(held, rows, field, height, height, width)
    // The filter is symmetric: its transpose is itself.
    multiply(field, held, columns, height, width, width)
  }
}

/**
 * Smooths a field [height, width] by a Gaussian of `sigma` pixels, cut at 4 sigma, zero outside; returns a new field.
 */
export function smoothField(field: Float32Array, height: number, width: number, sigma: number): Float32Array {
  const smooth = field.slice()
  gaussianFilter(height, width, sigma)(smooth)
  return smooth
}

export function elastic({ alpha, sigma, fill }: ResolvedOf<'elastic'>, shape: ImageShape): ImageOperation {
  const { channels, height, width } = shape
  const area = height * width
  const smooth = gaussianFilter(height, width, sigma)
  const sourceX = new Float32Array(area)
  const sourceY = new Float32Array(area)
  const copy = new Uint8Array(channels * area)
  return (pixels, offset, key, index) => {
    const noise = threefry2x32(key, [index, 0])
    for (let k = 0; k < area; k += 2) {
      // Four numbers of 16 bits a call: two displacements of two pixels, uniform over (-1, 1).
      const [a, b] = threefry2x32(noise, [k, 0])
      sourceX[k] = ((a & 0xffff) + 0.5) / 2 ** 15 - 1
      sourceY[k] = ((a >>> 16) + 0.5) / 2 ** 15 - 1
      if (k + 1 === area) break
      sourceX[k + 1] = ((b & 0xffff) + 0.5) / 2 ** 15 - 1
      sourceY[k + 1] = ((b >>> 16) + 0.5) / 2 ** 15 - 1
    }
    smooth(sourceX)
    smooth(sourceY)
    for (let y = 0, k = 0; y < height; y++) {
      for (let x = 0; x < width; x++, k++) {
        sourceX[k] = x + alpha * (sourceX[k] as number)
        sourceY[k] = y + alpha * (sourceY[k] as number)
      }
    }
    warpImage(pixels, offset, shape, sourceX, sourceY, fill, copy)
  }
}
