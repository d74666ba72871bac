// Writes PNG files of every kind (colour types, depths, interlacing, palettes, transparent colours, further chunks), as
// the specification says and as encoders for everyday use do not.
import { crc32, deflateSync } from 'node:zlib'

/** What a made PNG is like. */
export interface MadePng {
  readonly width: number
  readonly height: number
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly colourType: 0 | 2 | 3 | 4 | 6
  readonly depth: 1 | 2 | 4 | 8 | 16
  /** Level of one sample, 0 .. 2^depth - 1. */
  readonly sample: (x: number, y: number, channel: number) => number
  readonly interlaced?: boolean
  /** Red, green and blue of each entry. */
  readonly palette?: readonly number[]
  /** Content of a tRNS chunk. */
  readonly transparency?: readonly number[]
  /** Chunks between header and pixels. */
  readonly chunks?: readonly Uint8Array[]
  /** Takes the place of the packed pixels. */
  readonly pixels?: Uint8Array
}

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const
/** Adam7: first column and row, then the steps, of each pass. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

export function pngChunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** Rows without a filter, each from a byte of its own. */
function scanlines(
  { depth, colourType, sample }: MadePng,
  columns: readonly number[],
  rows: readonly number[],
): number[] {
  return rows.flatMap(y => {
    const samples = columns.flatMap(x =>
      Array.from({ length: CHANNELS[colourType] }, (_, channel) => sample(x, y, channel)),
    )
    const bits = samples.map(value => value.toString(2).padStart(depth, '0')).join('')
    return [
      0,
      ...Array.from({ length: Math.ceil(bits.length / 8) }, (_, k) =>
        Number.parseInt(bits.slice(8 * k, 8 * k + 8).padEnd(8, '0'), 2),
      ),
    ]
  })
}

const steps = (first: number, step: number, end: number) =>
  Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, k) => first + k * step)

export function makePng(made: MadePng): Buffer {
  const { width, height, depth, colourType, interlaced = false, palette, transparency, chunks = [], pixels } = made
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8)
  const lines = () => (interlaced ? PASSES : [[0, 0, 1, 1] as const]).flatMap(([x, y, across, down]) => {
    const columns = steps(x, across, width)
    return columns.length === 0 ? [] : scanlines(made, columns, steps(y, down, height))
  })
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    pngChunk('IHDR', header),
    ...chunks,
    ...(palette ? [pngChunk('PLTE', Uint8Array.from(palette))] : []),
    ...(transparency ? [pngChunk('tRNS', Uint8Array.from(transparency))] : []),
    pngChunk('IDAT', pixels ?? deflateSync(Uint8Array.from(lines()))),
    pngChunk('IEND', new Uint8Array(0)),
  ])
}
