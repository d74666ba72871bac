// The one door for pictures that are not our own: bytes of a file to pixels of the size asked for, within bounds.
// Decoding is the work of libvips (through sharp), in threads of its own; only bitmaps are read here.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type sharpModule from 'sharp'
import { MemoryGate } from '../memory-gate.ts'
import { decodeBmp, readBmpHeader } from './bmp.ts'
import { pictureKind, readPictureFile } from './picture-file.ts'
import type { PictureFile } from './picture-file.ts'
import { bytesToDecode, REDUCING_GAP } from './bytes-to-decode.ts'
import type { DecodeOptions } from './bytes-to-decode.ts'
import { resizeImage } from './resize-image.ts'
import type { PixelImage } from './resize-image.ts'

export type { DecodeOptions } from './bytes-to-decode.ts'

/** Pixels, and what they were before. */
export interface DecodedImage extends PixelImage {
  /** Height and width of the picture as it is shown, before it was brought to a size. */
  readonly original: readonly [height: number, width: number]
}

/** Largest picture that is decoded, so that a few bytes cannot claim all time. */
const MOST_PIXELS = 120_000_000
/** Longest side of one: every row takes its time, however short it is. The limit that libpng has by default. */
const MOST_SIDE = 1_000_000
/** Memory that decoding may take, all pictures under way together. */
const MOST_BYTES = 512 * 2 ** 20
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

function refuseHuge({ width, height }: Pick<PictureFile, 'width' | 'height'>): void {
  if (!(width > 0 && height > 0)) throw new Error('no pixels')
  if (width * height > MOST_PIXELS) throw new Error(`${width} x ${height} pixels, more than ${MOST_PIXELS}`)
  if (Math.max(width, height) > MOST_SIDE)
    throw new Error(`${width} x ${height} pixels, a side of more than ${MOST_SIDE}`)
}

/** Height and width as shown: the decoder turns a picture by its orientation, of which 5 to 8 lie on a side. */
async function shownSize({ width, height, hasExif, bytes }: PictureFile): Promise<DecodedImage['original']> {
  if (!hasExif) return [height, width]
  const { orientation = 1 } = await (await sharp())(bytes, { failOn: 'none' }).metadata()
  return orientation >= 5 ? [width, height] : [height, width]
}

/** Decodes when there is room for all that it takes. */
async function decodeWithin(
  file: Pick<PictureFile, 'decodedBytes' | 'cmyk' | 'hasExif'>,
  original: DecodedImage['original'],
  options: DecodeOptions,
  source: () => Source,
): Promise<DecodedImage> {
  const { channels, size, fit = 'crop' } = options
  const bytes = bytesToDecode(file, original, options)
  if (bytes > MOST_BYTES)
    throw new Error(`${original[1]} x ${original[0]} pixels that take ${Math.ceil(bytes / 2 ** 20)} MiB to decode, ` +
      `more than ${MOST_BYTES / 2 ** 20}`)
  return gate.through(bytes, async () => {
    const image = planes(await decodeSource(source(), size), channels)
    return { ...(size === undefined ? image : resizeImage(image, ...size, fit)), original }
  })
}

async function decode(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedImage> {
  if (pictureKind(bytes) !== 'BMP') {
    const file = readPictureFile(bytes)
    refuseHuge(file)
    return decodeWithin(file, await shownSize(file), options, () => file)
  }
  const header = readBmpHeader(bytes)
  const { width, height } = header
  refuseHuge(header)
  // Four bytes a pixel, those of the palette before, and what the decoder holds of them.
  const promised = { decodedBytes: 8 * width * height, cmyk: false, hasExif: false }
  return decodeWithin(promised, [height, width], options, () => {
    const { rgba } = decodeBmp(bytes, header)
    return { bytes: rgba, cmyk: false, raw: { width, height, channels: 4 } }
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
