// Random crop with padding: a shift of the image by a whole number of pixels each way.
import { threefry2x32 } from '@ddlf/tensor/random'
import type { ImageOperation, ImageShape } from './pipeline.ts'
import type { ResolvedOf } from './transform.ts'

/** Moves the image content by (-dx, -dy): out[y][x] = in[y + dy][x + dx], `fill` where that lies outside. In place. */
export function shiftImage(pixels: Uint8Array, offset: number, { channels, height, width }: ImageShape, dx: number, dy: number, fill: number) {
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

export function randomCrop({ padding, fill }: ResolvedOf<'randomCrop'>, shape: ImageShape): ImageOperation {
  const places = 2 * padding + 1
  return (pixels, offset, key, index) => {
    const [a, b] = threefry2x32(key, [index, 0])
    shiftImage(pixels, offset, shape, Math.floor((a / 2 ** 32) * places) - padding, Math.floor((b / 2 ** 32) * places) - padding, fill)
  }
}
