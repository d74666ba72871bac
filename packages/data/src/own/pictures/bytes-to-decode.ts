// What decoding a picture will take, told before it is decoded: how far the decoder shrinks it, and the memory of
// everything that is held on the way from the file to the pixels asked for.
import type { PictureFile } from './picture-file.ts'
import type { Fit } from './resize-image.ts'

/** What is asked of a picture. */
export interface DecodeOptions {
  /** 1 for grey levels, 3 for red, green and blue. */
  readonly channels: 1 | 3
  /** Size of the result; default the picture's own. */
  readonly size?: readonly [height: number, width: number]
  /** What happens where the proportions differ; default `crop`. */
  readonly fit?: Fit
}

/**
 * A decoder shrinks a picture to no less than this many times the size asked for; the rest is done exactly. Pillow's
 * advice for its `reducing_gap`.
 */
export const REDUCING_GAP = 3

/**
 * Most bytes that are held at once while a picture is decoded: by the decoder, of what it gives out, and of what is
 * made of that.
 * @param file what the file says of itself
 * @param shown height and width of the picture as it is shown
 */
export function bytesToDecode(
  { decodedBytes, cmyk, hasExif }: Pick<PictureFile, 'decodedBytes' | 'cmyk' | 'hasExif'>,
  [height, width]: readonly [height: number, width: number],
  { channels, size }: DecodeOptions,
): number {
  const shrink = size ? Math.max(1, Math.min(height / size[0], width / size[1]) / REDUCING_GAP) : 1
  const [rows, columns] = [Math.ceil(height / shrink), Math.ceil(width / shrink)]
  // Interleaved, with a copy where the decoder turns the picture; then channel after channel.
  const given = rows * columns * (cmyk ? 4 : 3) * (hasExif ? 2 : 1)
  const planes = rows * columns * channels
  // Resized, once more within black bars; and a row of double precision.
  const resized = size ? 2 * channels * size[0] * size[1] + 8 * columns : 0
  return decodedBytes + given + planes + resized
}
