// Horizontal flip: left and right change places with a given chance.
import { uniformAt } from '@ddlf/tensor/random'
import type { ImageOperation, ImageShape } from './pipeline.ts'
import type { ResolvedOf } from './transform.ts'

/** Mirrors every row, in place. */
export function mirrorImage(pixels: Uint8Array, offset: number, { channels, height, width }: ImageShape) {
  const end = offset + channels * height * width
  for (let row = offset; row < end; row += width) {
    for (let left = row, right = row + width - 1; left < right; left++, right--) {
      const held = pixels[left] as number
      pixels[left] = pixels[right] as number
      pixels[right] = held
    }
  }
}

export function alternatingFlip(shape: ImageShape): ImageOperation {
  return (pixels, offset, key, index, epoch) => {
    if (uniformAt(key, index) < 0.5 !== (epoch % 2 === 1)) mirrorImage(pixels, offset, shape)
  }
}

export function horizontalFlip({ probability }: ResolvedOf<'horizontalFlip'>, shape: ImageShape): ImageOperation {
  return (pixels, offset, key, index) => {
    if (uniformAt(key, index) < probability) mirrorImage(pixels, offset, shape)
  }
}
