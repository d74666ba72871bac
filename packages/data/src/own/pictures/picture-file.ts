// What a picture file says of itself before anything is decoded: its kind, its size, and whether it is whole. Decoders
// see only the parts that decide pixels: no colour profile, comment or thumbnail, and nothing behind the end mark.

/** Kinds of picture files that are read. */
export type PictureKind = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP'

/** A file that is whole, as far as its structure tells. */
export interface PictureFile {
  readonly kind: PictureKind
  /** As stored, before any orientation is applied. */
  readonly width: number
  readonly height: number
  /**
   * Most bytes that the decoder holds at once, without what it gives out: all pixels where it needs them all, else as
   * many rows as {@link streamedRows}.
   */
  readonly decodedBytes: number
  /** Whether the file may say how the picture is turned. */
  readonly hasExif: boolean
  /** Cyan, magenta, yellow and black instead of red, green and blue. */
  readonly cmyk: boolean
  /** What the decoder is given. */
  readonly bytes: Uint8Array
}

const ascii = (bytes: Uint8Array, from: number, length: number) =>
  String.fromCharCode(...bytes.subarray(from, from + length))
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Reads parts one after another and says where the file ends too soon. */
class Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = viewOf(bytes)
  }

  /** Moves over `length` bytes. @returns where they begin */
  skip(length: number, what: string): number {
    const from = this.at
    if (length > this.bytes.length - from) throw new Error(`cut off: the file ends within ${what}`)
    this.at += length
    return from
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Samples of a pixel by colour type. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
/** Largest orientation record that is kept. */
const MOST_EXIF = 65_536

/**
 * Rows that the decoder holds of a picture that it reads from above: measured with libvips 8.18, which makes up to five
 * copies of a low picture (one in each stage of its work) and holds about 1,900 rows of a high one.
 */
const streamedRows = (height: number) => Math.min(5 * height, 2048)

/**
 * PNG, third edition, chapters 5 and 11: a signature, then chunks of length, type, content and checksum, up to IEND.
 */
function pngFile(bytes: Uint8Array): PictureFile {
  const cursor = new Cursor(bytes)
  cursor.skip(8, 'the signature')
  let header: { width: number; height: number; depth: number; colour: number; interlaced: boolean } | undefined
  const exif: Uint8Array[] = []
  const kept: Uint8Array[] = []
  for (let type = ''; type !== 'IEND';) {
    const from = cursor.skip(8, type === '' ? 'the header' : 'the pixels: there is no end chunk')
    type = ascii(bytes, from + 4, 4)
    const length = cursor.view.getUint32(from)
    cursor.skip(length, `the chunk ${type.replace(/[^a-zA-Z]/g, '?')}`)
    cursor.skip(4, 'a checksum')
    if (header === undefined) {
      if (type !== 'IHDR' || length !== 13) throw new Error('no PNG header')
      const [depth = 0, colour = 0, , , interlace = 0] = bytes.subarray(from + 16, from + 21)
      header = {
        width: cursor.view.getUint32(from + 8),
        height: cursor.view.getUint32(from + 12),
        depth,
        colour,
        interlaced: interlace === 1,
      }
    }
    const chunk = bytes.subarray(from, cursor.at)
    // A palette is only a hint where pixels are full colours. Lower case names may be left out by any reader.
    const wanted = type === 'PLTE' ? header.colour === 3 : type === 'tRNS' || /^[A-Z]/.test(type)
    if (type === 'eXIf' && length <= MOST_EXIF) exif.push(chunk)
    else if (wanted) kept.push(chunk)
  }
  const { width, height, depth, colour, interlaced } = header as NonNullable<typeof header>
  // The decoder expands palettes and transparent colours to as many as four samples of 8 or 16 bits.
  const rowBytes = width * (colour === 3 ? 4 : (PNG_CHANNELS[colour] ?? 4) + 1) * (depth === 16 ? 2 : 1)
  const [first, ...rest] = kept
  return {
    kind: 'PNG', width, height, cmyk: false, hasExif: exif.length > 0,
    decodedBytes: rowBytes * (interlaced ? height : streamedRows(height)),
    bytes: join([bytes.subarray(0, 8), first as Uint8Array, ...exif.slice(0, 1), ...rest]),
  }
}

/** Whether a marker begins a frame, and so states the size: SOF0 to SOF15 but for DHT, JPG and DAC. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Position of the next marker after compressed data: 0xff before anything but a stuffed 0, a restart or more 0xff. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) break
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  throw new Error('cut off: the file ends within the pixels')
}

/** JPEG, ITU-T T.81, annex B: marker segments and compressed data, from SOI to EOI. */
function jpegFile(bytes: Uint8Array): PictureFile {
  const cursor = new Cursor(bytes)
  const kept: Uint8Array[] = [bytes.subarray(0, cursor.skip(2, 'the signature') + 2)]
  let frame: { width: number; height: number; components: number; progressive: boolean } | undefined
  let hasExif = false
  for (let scans = 0; ;) {
    const what = scans === 0 ? 'the header' : 'the pixels: there is no end mark'
    const from = cursor.skip(1, what)
    // Bytes between segments mean nothing.
    if (bytes[from] !== 0xff) continue
    while (bytes[cursor.at] === 0xff) cursor.at++
    const marker = bytes[cursor.skip(1, what)] as number
    if (marker === 0xd9) {
      if (frame === undefined || scans === 0) throw new Error('a JPEG without pixels')
      kept.push(Uint8Array.of(0xff, 0xd9))
      const { width, height, components, progressive } = frame
      return {
        kind: 'JPEG',
        width,
        height,
        cmyk: components === 4,
        hasExif,
        decodedBytes: width * components * (progressive || scans > 1 ? 2 * height : streamedRows(height)),
        bytes: join(kept),
      }
    }
    // Markers without content.
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue
    const start = cursor.at
    const length = cursor.view.getUint16(cursor.skip(2, what))
    if (length < 2) throw new Error('a segment of impossible length')
    cursor.skip(length - 2, what)
    if (isFrame(marker) && length >= 8) {
      frame = {
        height: cursor.view.getUint16(start + 3),
        width: cursor.view.getUint16(start + 5),
        components: bytes[start + 7] as number,
        progressive: marker === 0xc2,
      }
    }
    if (marker === 0xda) {
      scans++
      cursor.at = endOfScan(bytes, cursor.at)
    }
    // Of the application's own segments, JFIF's, the orientation and Adobe's word on colours decide pixels.
    const isExif = marker === 0xe1 && ascii(bytes, start + 2, 4) === 'Exif'
    hasExif ||= isExif
    const dropped = marker === 0xfe || (marker >= 0xe1 && marker <= 0xef && marker !== 0xee && !isExif)
    if (!dropped) kept.push(Uint8Array.of(0xff, marker), bytes.subarray(start, cursor.at))
  }
}

/** GIF 89a: blocks up to a trailer. The decoder is given the first picture alone. */
function gifFile(bytes: Uint8Array): PictureFile {
  const cursor = new Cursor(bytes)
  const tableBytes = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))
  const screen = cursor.skip(13, 'the header')
  cursor.skip(tableBytes(bytes[screen + 10] as number), 'the colour table')
  const subBlocks = () => {
    for (let size = 1; size > 0;) {
      size = bytes[cursor.skip(1, 'a block')] as number
      cursor.skip(size, 'a block')
    }
  }
  let [width, height] = [cursor.view.getUint16(screen + 6, true), cursor.view.getUint16(screen + 8, true)]
  let first: Uint8Array | undefined
  for (;;) {
    const block = bytes[cursor.skip(1, 'the pixels: there is no trailer')]
    if (block === 0x3b) break
    if (block === 0x21) {
      cursor.skip(1, 'an extension')
      subBlocks()
    } else if (block === 0x2c) {
      const at = cursor.skip(9, 'the description of a picture')
      cursor.skip(tableBytes(bytes[at + 8] as number) + 1, 'a colour table')
      subBlocks()
      if (first === undefined) {
        width = Math.max(width, cursor.view.getUint16(at, true) + cursor.view.getUint16(at + 4, true))
        height = Math.max(height, cursor.view.getUint16(at + 2, true) + cursor.view.getUint16(at + 6, true))
      }
      first ??= bytes.subarray(0, cursor.at)
    } else {
      throw new Error('a block of unknown kind')
    }
  }
  if (first === undefined) throw new Error('a GIF without a picture')
  return {
    kind: 'GIF',
    width,
    height,
    cmyk: false,
    hasExif: false,
    decodedBytes: 8 * width * height,
    bytes: join([first, Uint8Array.of(0x3b)]),
  }
}

/** WebP, RFC 9649: a RIFF container of chunks. */
function webpFile(bytes: Uint8Array): PictureFile {
  const cursor = new Cursor(bytes)
  cursor.skip(12, 'the header')
  const end = 8 + cursor.view.getUint32(4, true)
  if (end > bytes.length) throw new Error('cut off: the file is shorter than its header states')
  let size: { width: number; height: number } | undefined
  let [pictures, hasExif] = [0, false]
  while (cursor.at + 8 <= end) {
    const from = cursor.skip(8, 'a chunk')
    const type = ascii(bytes, from, 4)
    const length = cursor.view.getUint32(from + 4, true)
    const content = cursor.skip(length, `the chunk ${type.replace(/[^A-Z0-9 ]/gi, '?')}`)
    if (length % 2 === 1 && cursor.at < end) cursor.at++
    hasExif ||= type === 'EXIF'
    if (type === 'VP8 ' || type === 'VP8L' || type === 'ANMF') pictures++
    if (size !== undefined || length < 10) continue
    if (type === 'VP8X') {
      const three = (at: number) =>
        (bytes[at] as number) + 256 * (bytes[at + 1] as number) + 65_536 * (bytes[at + 2] as number)
      size = { width: 1 + three(content + 4), height: 1 + three(content + 7) }
    } else if (type === 'VP8 ') {
      size = {
        width: cursor.view.getUint16(content + 6, true) & 0x3fff,
        height: cursor.view.getUint16(content + 8, true) & 0x3fff,
      }
    } else if (type === 'VP8L') {
      const bits = cursor.view.getUint32(content + 1, true)
      size = { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
    }
  }
  if (size === undefined || pictures === 0) throw new Error('a WebP without a picture')
  return {
    kind: 'WebP',
    ...size,
    cmyk: false,
    hasExif,
    decodedBytes: 8 * size.width * size.height,
    bytes: bytes.subarray(0, end),
  }
}

/** The kind of a file by its first bytes; undefined where it is none that is read. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  if (PNG_SIGNATURE.every((byte, k) => bytes[k] === byte)) return 'PNG'
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'JPEG'
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'GIF'
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return 'WebP'
  return ascii(bytes, 0, 2) === 'BM' ? 'BMP' : undefined
}

/**
 * Walks through the structure of a PNG, JPEG, GIF or WebP.
 * @throws Error when the file is of another kind, ends too soon, or is not built as its kind asks
 */
export function readPictureFile(bytes: Uint8Array): PictureFile {
  const kind = pictureKind(bytes)
  if (kind === 'PNG') return pngFile(bytes)
  if (kind === 'JPEG') return jpegFile(bytes)
  if (kind === 'GIF') return gifFile(bytes)
  if (kind === 'WebP') return webpFile(bytes)
  throw new Error(bytes.length === 0 ? 'an empty file' : 'no PNG, JPEG, WebP, GIF or BMP signature')
}
