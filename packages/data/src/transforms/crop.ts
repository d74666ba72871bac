// Random crop with padding: a shift of the image by a whole number of pixels each way.
import { threefry2x32 } from '@ddlf/tensor/random'
import type { ImageOperation, ImageShape } from './pipeline.ts'
import type { ResolvedOf } from './transform.ts'

/** Moves the image content by (-dx, -dy): out[y][x] = in[y + dy][x + dx], `fill` where that lies outside. In place. */
export function shiftImage(
  pixels: Uint8Array,
  offset: number,
  { channels, height, width }: ImageShape,
  dx: number,
  dy: number,
  fill: number,
) {
  const area = height * width
  for (let channel = 0; channel < channels; channel++) {
    const start = offset + channel * area
    const end = start + area
    // One move of the whole channel; what wraps around the sides is painted over below.
    const shift = dy * width + dx
    if (shift > 0) pixels.copyWithin(start, start + shift, end)
    else if (shift < 0) pixels.copyWithin(start - shift, start, end + shift)
    if (dy > 0) pixels.fill(fill, end - dy * width, end)
    else if (dy < 0) pixels.fill(fill, start, start - dy * width)
    if (dx > 0) for (let row = start + width; row <= end; row += width) pixels.fill(fill, row - dx, row)
    else if (dx < 0) for (let row = start; row < end; row += width) pixels.fill(fill, row, row - dx)
  }
}

/** The place that a position outside of 0 .. extent - 1 mirrors, the edge itself not repeated: -1 is 1. */
const mirrored = (position: number, extent: number) =>
  position < 0 ? -position : position >= extent ? 2 * (extent - 1) - position : position

/** As {@link shiftImage}, but what comes from outside mirrors the image. `copy` has room for one channel. */
export function shiftMirrored(
  pixels: Uint8Array,
  offset: number,
  { channels, height, width }: ImageShape,
  dx: number,
  dy: number,
  copy: Uint8Array,
) {
  const area = height * width
  for (let start = offset; start < offset + channels * area; start += area) {
    copy.set(pixels.subarray(start, start + area))
    for (let y = 0; y < height; y++) {
      const from = mirrored(y + dy, height) * width
      const to = start + y * width
      for (let x = 0; x < width; x++) pixels[to + x] = copy[from + mirrored(x + dx, width)] as number
    }
  }
}

export function randomCrop({ padding, edge, fill }: ResolvedOf<'randomCrop'>, shape: ImageShape): ImageOperation {
  const places = 2 * padding + 1
  const copy = new Uint8Array(shape.height * shape.width)
  return (pixels, offset, key, index) => {
    const [a, b] = threefry2x32(key, [index, 0])
    const [dx, dy] = [Math.floor((a / 2 ** 32) * places) - padding, Math.floor((b / 2 ** 32) * places) - padding]
    if (edge === 'mirror') shiftMirrored(pixels, offset, shape, dx, dy, copy)
    else shiftImage(pixels, offset, shape, dx, dy, fill)
  }
}
