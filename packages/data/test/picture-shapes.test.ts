// Pictures of extreme shapes: what decoding them takes is counted before it begins, and only pixels that the result is
// made of are filtered.
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeImage } from '../src/node.ts'
import { bytesToDecode } from '../src/own/pictures/bytes-to-decode.ts'
import { readPictureFile } from '../src/own/pictures/picture-file.ts'
import { fits, resizeImage } from '../src/own/pictures/resize-image.ts'
import { makePng } from './made-png.ts'

const MIB = 2 ** 20
/** A black picture of colours; its pixels may be left out where only the header is read. */
const black = (height: number, width: number, pixels = new Uint8Array(10)) =>
  makePng({ width, height, colourType: 2, depth: 8, sample: () => 0, pixels })
const counted = (height: number, width: number, size?: readonly [number, number]) =>
  bytesToDecode(readPictureFile(black(height, width)), [height, width], { channels: 3, ...(size && { size }) })

describe('the memory that is counted', () => {
  it('holds what the decoder gives out, and what is made of that', () => {
    for (const [height, width] of [[500_000, 12], [12, 500_000]] as const) {
      const bytes = height * width * (3 + 3)
      expect(counted(height, width, [32, 32]), `${width} x ${height}`).toBeGreaterThan(bytes)
      expect(counted(height, width)).toBeGreaterThan(bytes)
    }
    expect(counted(10_000, 10_000)).toBeGreaterThan(600_000_000)
  })
  it('is the file, and little more, where the decoder shrinks the picture', () => {
    // A photo of 24 megapixels, and its rows as libvips holds them.
    expect(counted(4000, 6000, [32, 32])).toBeLessThan(50 * MIB)
    expect(counted(4000, 6000, [224, 224])).toBeLessThan(52 * MIB)
    // The larger the part that is kept, the more.
    fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (height, width) => {
      expect(counted(height, width, [8, 8])).toBeLessThanOrEqual(counted(height, width) + 2 * 3 * 64 + 8 * width)
    }))
  })
  it('is at most 512 MiB, and a side has at most a million pixels', async () => {
    const decode = (height: number, width: number) =>
      decodeImage(black(height, width), { channels: 3, size: [64, 64] }, 'bomb.png')
    await expect(decode(10_000_000, 12)).rejects.toThrow(/12 x 10000000 pixels, a side of more than 1000000/)
    await expect(decode(12, 10_000_000)).rejects.toThrow(/a side of more than 1000000/)
    await expect(decode(1_000_000, 120)).rejects
      .toThrow(/120 x 1000000 pixels that take 6\d\d MiB to decode, more than 512/)
    await expect(decode(100, 1_000_000)).rejects.toThrow(/MiB to decode, more than 512/)
  })
})

describe('filtering', () => {
  /** The reads of single pixels. */
  const readsOf = (height: number, width: number, fit: (typeof fits)[number]) => {
    let reads = 0
    const data = new Proxy(new Uint8Array(height * width), {
      get: (pixels, key) => {
        reads++
        return Reflect.get(pixels, key) as unknown
      },
    })
    resizeImage({ channels: 1, height, width, data }, 32, 32, fit)
    return reads
  }
  it('reads the rows and columns that are used: of a crop the middle, of the rest each at most twice', () => {
    for (const [height, width] of [[10_000, 12], [12, 10_000]] as const) {
      // 12 x 12 pixels are enlarged: two rows of at most 14 pixels for each of 32.
      expect(readsOf(height, width, 'crop')).toBeLessThanOrEqual(32 * 2 * 14)
      expect(readsOf(height, width, 'stretch')).toBeLessThanOrEqual(6 * height * width)
      expect(readsOf(height, width, 'pad')).toBeLessThanOrEqual(2.1 * height * width)
    }
  })
  it('of a tall picture in colour ends, for every fit', async () => {
    const [height, width] = [50_000, 12]
    const file = black(height, width, deflateSync(Buffer.alloc(height * (1 + 3 * width))))
    expect(file.length).toBeLessThan(8192)
    for (const fit of fits) {
      const image = await decodeImage(file, { channels: 3, size: [32, 32], fit }, 'tall.png')
      expect([image.width, image.height, image.original]).toEqual([32, 32, [height, width]])
    }
  })
})

describe('the size before', () => {
  it('is that of the picture as it is shown, also where it is shrunk to a square', async () => {
    // Stored 98 wide and 97 high; shrunk by the decoder to 9 x 9.
    for (const [orientation, original] of [[1, [97, 98]], [3, [97, 98]], [6, [98, 97]], [8, [98, 97]]] as const) {
      for (const format of ['jpeg', 'png', 'webp'] as const) {
        const file = await sharp({ create: { width: 98, height: 97, channels: 3, background: '#804020' } })
          .withMetadata({ orientation }).toFormat(format).toBuffer()
        const image = await decodeImage(file, { channels: 3, size: [3, 3] }, 'turned')
        expect(image.original, `${format}, orientation ${orientation}`).toEqual(original)
      }
    }
  })
})
