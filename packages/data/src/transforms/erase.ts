// Cutout and random erasing: a part of the image is hidden.
import { threefry2x32 } from '@ddlf/tensor/random'
import type { ImageOperation, ImageShape } from './pipeline.ts'
import type { ResolvedOf } from './transform.ts'

const unit = (word: number) => word / 2 ** 32

export function cutout({ size, fill }: ResolvedOf<'cutout'>, { channels, height, width }: ImageShape): ImageOperation {
  const half = Math.floor(size / 2)
  return (pixels, offset, key, index) => {
    const [a, b] = threefry2x32(key, [index, 0])
    const top = Math.floor(unit(a) * height) - half
    const left = Math.floor(unit(b) * width) - half
    const from = Math.max(0, left)
    const to = Math.min(width, left + size)
    const firstRow = Math.max(0, top)
    const endRow = Math.min(height, top + size)
    for (let channel = 0; channel < channels; channel++) {
      for (let y = firstRow; y < endRow; y++) {
        const row = offset + (channel * height + y) * width
        pixels.fill(fill, row + from, row + to)
      }
    }
  }
}

/** How often a rectangle that does not fit is drawn again before the image is left as it is. */
const ATTEMPTS = 100

export function randomErasing(
  { probability, area, aspect }: ResolvedOf<'randomErasing'>,
  shape: ImageShape,
): ImageOperation {
  const { channels, height, width } = shape
  return (pixels, offset, key, index) => {
    let draw = 0
    if (unit(threefry2x32(key, [index, draw++])[0]) >= probability) return
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [a, b] = threefry2x32(key, [index, draw++])
      const [c, d] = threefry2x32(key, [index, draw++])
      const share = (area[0] + (area[1] - area[0]) * unit(a)) * height * width
      const ratio = aspect[0] + (aspect[1] - aspect[0]) * unit(b)
      const tall = Math.max(1, Math.round(Math.sqrt(share * ratio)))
      const wide = Math.max(1, Math.round(Math.sqrt(share / ratio)))
      if (tall > height || wide > width) continue
      const top = Math.floor(unit(c) * (height - tall + 1))
      const left = Math.floor(unit(d) * (width - wide + 1))
      let word = 0
      let bytes = 0
      for (let channel = 0; channel < channels; channel++) {
        for (let y = top; y < top + tall; y++) {
          const row = offset + (channel * height + y) * width + left
          for (let x = 0; x < wide; x++) {
            if (bytes === 0) {
              word = threefry2x32(key, [index, draw++])[0]
              bytes = 4
            }
            pixels[row + x] = word & 0xff
            word >>>= 8
            bytes--
          }
        }
      }
      return
    }
  }
}
