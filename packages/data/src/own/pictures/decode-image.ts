// The one door for pictures that are not our own: bytes of a file to pixels of the size asked for, within bounds.
// Decoding is the work of libvips (through sharp), in threads of its own; only bitmaps are read here.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type sharpModule from 'sharp'
import { MemoryGate } from '../memory-gate.ts'
import { decodeBmp, readBmpHeader } from './bmp.ts'
import { pictureKind, readPictureFile } from './picture-file.ts'
import type { PictureFile } from './picture-file.ts'
import { resizeImage } from './resize-image.ts'
import type { Fit, PixelImage } from './resize-image.ts'

/** What is asked of a picture. */
export interface DecodeOptions {
  /** 1 for grey levels, 3 for red, green and blue. */
  readonly channels: 1 | 3
  /** Size of the result; default the picture's own. */
  readonly size?: readonly [height: number, width: number]
  /** What happens where the proportions differ; default `crop`. */
  readonly fit?: Fit
}

/** Pixels, and what they were before. */
export interface DecodedImage extends PixelImage {
  /** Height and width of the picture as it is shown, before it was brought to a size. */
  readonly original: readonly [height: number, width: number]
}

/** Largest picture that is decoded, so that a few bytes cannot claim all time. */
const MOST_PIXELS = 120_000_000
/** Memory that decoding may take, all pictures under way together. */
const MOST_BYTES = 512 * 2 ** 20
/**
 * A decoder shrinks a picture to no less than this many times the size asked for; the rest is done exactly. Pillow's
 * advice for its `reducing_gap`.
 */
const REDUCING_GAP = 3
/** Words of decoders on files that break a rule and still hold all their pixels. */
const HARMLESS = /extraneous bytes before marker|Invalid SOS parameters|Unknown Adobe color transform/

/** Grey level of a colour: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), as common image libraries do. */
const luma = (r: number, g: number, b: number) => 0.299 * r + 0.587 * g + 0.114 * b

const gate = new MemoryGate(MOST_BYTES)
let library: Promise<typeof sharpModule> | undefined

/** The decoding library, loaded when the first picture comes. */
function sharp(): Promise<typeof sharpModule> {
  library ??= import('sharp').then(
    ({ default: loaded }) => {
      loaded.cache(false)
      // Several pictures at once instead of several threads for one.
      loaded.concurrency(1)
      return loaded
    },
    (error: unknown) => {
      throw new UserError(
        {
          rule: 'Pictures are decoded by the package sharp, which must be installed for this system.',
          received: String(error).split('\n')[0],
          next: 'npm ci, without --omit=optional',
        },
        { cause: error },
      )
    },
  )
  return library
}

/** Pixels with their channels next to each other, 8 bits each. */
interface Interleaved {
  readonly width: number
  readonly height: number
  /** 3 red, green, blue; 4 and alpha, or cyan, magenta, yellow, black where `cmyk`. */
  readonly channels: number
  readonly cmyk?: boolean
  readonly data: Uint8Array
}

/** What the library is given: a file, or pixels that were decoded here. */
interface Source {
  readonly bytes: Uint8Array
  readonly cmyk: boolean
  readonly raw?: { readonly width: number; readonly height: number; readonly channels: 4 }
}

async function decodeSource(
  { bytes, cmyk, raw }: Source,
  size: DecodeOptions['size'],
  failOn: 'warning' | 'truncated' = 'warning',
): Promise<Interleaved> {
  const decoder = (await sharp())(bytes, {
    failOn,
    ignoreIcc: true,
    limitInputPixels: MOST_PIXELS,
    ...(raw && { raw }),
  }).autoOrient()
  if (size !== undefined) {
    const [height, width] = size
    decoder.resize({
      width: REDUCING_GAP * width,
      height: REDUCING_GAP * height,
      fit: 'outside',
      kernel: 'linear',
      withoutEnlargement: true,
    })
  }
  if (cmyk) decoder.pipelineColourspace('cmyk').toColourspace('cmyk')
  else decoder.flatten({ background: '#ffffff' }).toColourspace('srgb')
  try {
    const { data, info } = await decoder.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, channels: info.channels, cmyk, data }
  } catch (error) {
    if (failOn === 'warning' && error instanceof Error && HARMLESS.test(error.message))
      return decodeSource({ bytes, cmyk }, size, 'truncated')
    throw error
  }
}

/** Channels one after another, on white where transparent. */
function planes({ width, height, channels: from, cmyk = false, data }: Interleaved, channels: 1 | 3): PixelImage {
  const area = width * height
  const pixels = new Uint8Array(channels * area)
  for (let k = 0; k < area; k++) {
    const at = k * from
    // On white: value * alpha + 255 * (1 - alpha). Ink on white paper: (255 - ink) * (255 - black) / 255.
    const last = from === 4 ? (data[at + 3] as number) : 255
    const on = (value: number) => (cmyk ? ((255 - value) * (255 - last)) / 255 : (value * last) / 255 + 255 - last)
    const r = on(data[at] as number)
    const g = on(data[at + 1] as number)
    const b = on(data[at + 2] as number)
    if (channels === 1) {
      pixels[k] = Math.round(luma(r, g, b))
    } else {
      pixels[k] = Math.round(r)
      pixels[area + k] = Math.round(g)
      pixels[2 * area + k] = Math.round(b)
    }
  }
  return { channels, height, width, data: pixels }
}

function refuseHuge(width: number, height: number, decodedBytes: number): void {
  if (!(width > 0 && height > 0)) throw new Error('no pixels')
  if (width * height > MOST_PIXELS) throw new Error(`${width} x ${height} pixels, more than ${MOST_PIXELS}`)
  if (decodedBytes > MOST_BYTES) throw new Error(`${width} x ${height} pixels in a form that ` +
    `takes ${Math.ceil(decodedBytes / 2 ** 20)} MiB to decode, more than ${MOST_BYTES / 2 ** 20}`)
}

/** Height and width as shown: the decoder turns a picture by its orientation. */
function originalOf({ width, height }: PictureFile, decoded: Interleaved): readonly [number, number] {
  const turned = width > height !== decoded.width > decoded.height && decoded.width !== decoded.height
  return turned ? [width, height] : [height, width]
}

async function decode(bytes: Uint8Array, { channels, size, fit = 'crop' }: DecodeOptions): Promise<DecodedImage> {
  const finish = (decoded: Interleaved, original: readonly [number, number]): DecodedImage => {
    const image = planes(decoded, channels)
    return { ...(size === undefined ? image : resizeImage(image, ...size, fit)), original }
  }
  if (pictureKind(bytes) === 'BMP') {
    const header = readBmpHeader(bytes)
    const promised = 8 * header.width * header.height
    refuseHuge(header.width, header.height, promised)
    return gate.through(promised, async () => {
      const { width, height, rgba } = decodeBmp(bytes, header)
      return finish(await decodeSource({ bytes: rgba, cmyk: false, raw: { width, height, channels: 4 } }, size), [
        height,
        width,
      ])
    })
  }
  const file = readPictureFile(bytes)
  refuseHuge(file.width, file.height, file.decodedBytes)
  return gate.through(file.decodedBytes, async () => {
    const decoded = await decodeSource(file, size)
    return finish(decoded, originalOf(file, decoded))
  })
}

/**
 * Decodes a PNG, JPEG, WebP, GIF (its first picture) or BMP, turned as its EXIF orientation asks. Transparent pixels
 * are laid on white, 16-bit levels keep their upper 8 bits, colour profiles are ignored, inks become colours as on
 * white paper.
 * @param name how messages call the file
 * @throws UserError when the bytes are none of these, are cut off or damaged, or claim more pixels or memory than is
 *   given
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions, name: string): Promise<DecodedImage> {
  checkOptions('decodeImage', options, ['channels', 'size', 'fit'])
  try {
    return await decode(bytes, options)
  } catch (error) {
    if (error instanceof UserError) throw error
    const received = (error instanceof Error ? error.message : String(error)).split('\n')[0]
    throw new UserError(
      {
        rule: `${name} must be a sound picture (PNG, JPEG, WebP, GIF or BMP).`,
        received,
        next: 'Convert or remove the file',
      },
      { cause: error },
    )
  }
}
