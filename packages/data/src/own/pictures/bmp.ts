// Windows bitmaps (BMP): the kind that the decoding library leaves out, with palettes, bit fields and run lengths.
// Source: Microsoft, "Bitmap Storage" and "Bitmap Compression" (BITMAPCOREHEADER to BITMAPV5HEADER).

/** Pixels, four bytes each (red, green, blue, alpha), from the top row down. */
export interface BmpPixels {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

/** What the header of a bitmap says. */
export interface BmpHeader {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bits: number
  readonly compression: number
  /** Where the pixels begin. */
  readonly pixels: number
  /** Red, green and blue of each entry. */
  readonly palette: Uint8Array
  /** Bits of red, green, blue and alpha within a pixel of 16 or 32 bits. */
  readonly masks: readonly number[]
}

const [RLE8, RLE4, BIT_FIELDS, ALPHA_BIT_FIELDS] = [1, 2, 3, 6]
const DEFAULT_MASKS: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x3e0, 0x1f, 0],
  32: [0xff0000, 0xff00, 0xff, 0],
}

/** @throws Error when the header is cut off, or of a form that is not read */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const need = (end: number) => {
    if (end > bytes.length) throw new Error('cut off: the file ends within the header')
  }
  need(26)
  const size = view.getUint32(14, true)
  const isCore = size === 12
  if (!isCore && (size < 40 || size > 1024)) throw new Error(`a BMP header of ${size} bytes`)
  need(14 + size)
  const signed = isCore ? view.getUint16(20, true) : view.getInt32(22, true)
  const [width, height] = [isCore ? view.getUint16(18, true) : view.getInt32(18, true), Math.abs(signed)]
  const bits = view.getUint16(isCore ? 24 : 28, true)
  const compression = isCore ? 0 : view.getUint32(30, true)
  const allowed: Readonly<Record<number, readonly number[]>> = {
    0: [1, 4, 8, 16, 24, 32],
    [RLE8]: [8],
    [RLE4]: [4],
    [BIT_FIELDS]: [16, 32],
    [ALPHA_BIT_FIELDS]: [16, 32],
  }
  if (!(allowed[compression] ?? []).includes(bits))
    throw new Error(`a BMP of ${bits} bits with compression ${compression}`)
  if (!(width > 0 && height > 0)) throw new Error('no pixels')
  let at = 14 + size
  let masks = DEFAULT_MASKS[bits] ?? []
  if (compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS) {
    const count = compression === ALPHA_BIT_FIELDS || size >= 56 ? 4 : 3
    need(54 + 4 * count)
    masks = [...Array.from({ length: count }, (_, k) => view.getUint32(54 + 4 * k, true)), 0].slice(0, 4)
    at = Math.max(at, 54 + 4 * count)
  }
  const entries = bits > 8 ? 0 : isCore ? 2 ** bits : Math.min(view.getUint32(46, true) || 2 ** bits, 2 ** bits)
  const entryBytes = isCore ? 3 : 4
  need(at + entries * entryBytes)
  const palette = new Uint8Array(3 * entries)
  for (let k = 0; k < entries; k++)
    for (let c = 0; c < 3; c++) palette[3 * k + c] = bytes[at + k * entryBytes + 2 - c] as number
  return { width, height, topDown: signed < 0, bits, compression, pixels: view.getUint32(10, true), palette, masks }
}

/** Runs of equal pixels and stretches of single ones, to one palette index a pixel; `row` 0 is the lowest. */
function unpackRuns(bytes: Uint8Array, { width, height, bits, pixels }: BmpHeader): Uint8Array {
  const indices = new Uint8Array(width * height)
  let [at, x, row] = [pixels, 0, 0]
  const next = () => {
    if (at >= bytes.length) throw new Error('cut off: the file ends within the pixels')
    return bytes[at++] as number
  }
  const put = (index: number) => {
    if (x < width && row < height) indices[row * width + x] = index
    x++
  }
  for (;;) {
    const [count, value] = [next(), next()]
    if (count > 0) {
      for (let k = 0; k < count; k++) put(bits === 8 ? value : k % 2 === 0 ? value >> 4 : value & 15)
    } else if (value === 0) {
      x = 0
      row++
    } else if (value === 1) {
      return indices
    } else if (value === 2) {
      x += next()
      row += next()
    } else {
      const packed = Array.from({ length: bits === 8 ? value : Math.ceil(value / 2) }, next)
      for (let k = 0; k < value; k++)
        put(
          bits === 8
            ? (packed[k] as number)
            : k % 2 === 0
              ? (packed[k >> 1] as number) >> 4
              : (packed[k >> 1] as number) & 15,
        )
      // Stretches fill whole pairs of bytes.
      if (packed.length % 2 === 1) next()
    }
  }
}

/** A function that takes one channel out of a pixel and scales it to 0 .. 255. */
function fieldReader(mask: number, absent: number): (pixel: number) => number {
  if (mask === 0) return () => absent
  const shift = Math.log2((mask & -mask) >>> 0)
  const most = mask >>> shift
  return pixel => Math.round((255 * ((pixel & mask) >>> shift)) / most)
}

/** Decodes the pixels of a bitmap. @throws Error when the file is cut off or of a form that is not read */
export function decodeBmp(bytes: Uint8Array, header = readBmpHeader(bytes)): BmpPixels {
  const { width, height, topDown, bits, compression, pixels, palette } = header
  const isPacked = compression === RLE8 || compression === RLE4
  // Rows fill whole groups of four bytes.
  const rowBytes = 4 * Math.ceil((width * bits) / 32)
  if (!isPacked && pixels + rowBytes * height > bytes.length)
    throw new Error('cut off: the file ends within the pixels')
  const runs = isPacked ? unpackRuns(bytes, header) : undefined
  const rgba = new Uint8Array(4 * width * height).fill(255)
  const paint = (at: number, index: number) => {
    if (3 * index >= palette.length) throw new Error(`the colour ${index} of a palette of ${palette.length / 3}`)
    for (let c = 0; c < 3; c++) rgba[at + c] = palette[3 * index + c] as number
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const channels = header.masks.map((mask, c) => fieldReader(mask, c === 3 ? 255 : 0))
  for (let row = 0; row < height; row++) {
    const from = pixels + row * rowBytes
    const to = 4 * width * (topDown ? row : height - 1 - row)
    for (let x = 0; x < width; x++) {
      const at = to + 4 * x
      if (runs !== undefined) {
        paint(at, runs[row * width + x] as number)
      } else if (bits <= 8) {
        const bit = x * bits
        paint(at, ((bytes[from + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & (2 ** bits - 1))
      } else if (bits === 24) {
        rgba[at] = bytes[from + 3 * x + 2] as number
        rgba[at + 1] = bytes[from + 3 * x + 1] as number
        rgba[at + 2] = bytes[from + 3 * x] as number
      } else {
        const pixel = bits === 16 ? view.getUint16(from + 2 * x, true) : view.getUint32(from + 4 * x, true)
        for (let c = 0; c < 4; c++) rgba[at + c] = (channels[c] as (pixel: number) => number)(pixel)
      }
    }
  }
  return { width, height, rgba }
}
