// Pictures side by side as one PNG.
import { encode } from 'fast-png'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import type { MadePictures } from '../tasks/task.ts'
import { pixelImage } from './image-data-uri.ts'

/** Grey between the pictures. */
const GAP = 128

/**
 * The pictures in rows, a pixel apart, nothing scaled.
 * @param options.columns pictures in a row; default: as many as there are rows
 * @throws UserError where there is none, or they have neither 1 nor 3 channels
 */
export function pictureSheet(pictures: MadePictures, options: { readonly columns?: number } = {}): Uint8Array {
  checkOptions('pictureSheet', options, { columns: kinds.whole(1) })
  const { data, shape } = pictures
  const [channels, height, width] = shape
  const size = channels * height * width
  const count = size === 0 ? 0 : data.length / size
  if (count === 0) throw new UserError({ rule: 'A sheet needs a picture.', received: 'none' })
  const { columns = Math.ceil(Math.sqrt(count)) } = options
  const [across, down] = [Math.min(columns, count), Math.ceil(count / columns)]
  const [wide, high] = [across * (width + 1) + 1, down * (height + 1) + 1]
  const sheet = new Uint8Array(wide * high * channels).fill(GAP)
  for (let i = 0; i < count; i++) {
    const { pixels } = pixelImage(data.subarray(i * size, (i + 1) * size), shape, [0, 1])
    const [top, left] = [Math.floor(i / columns) * (height + 1) + 1, (i % columns) * (width + 1) + 1]
    for (let row = 0; row < height; row++) {
      const line = pixels.subarray(row * width * channels, (row + 1) * width * channels)
      sheet.set(line, ((top + row) * wide + left) * channels)
    }
  }
  return encode({ width: wide, height: high, channels, data: sheet, depth: 8 })
}
