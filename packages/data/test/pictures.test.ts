// Pictures of users: every kind of file equals what other decoders read, damage is an error, and nothing decodes
// without bounds.
import fc from 'fast-check'
import { PNG } from 'pngjs'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { decodeImage } from '../src/node.ts'
import type { PixelImage } from '../src/node.ts'
import { resizeImage } from '../src/own/pictures/resize-image.ts'
import imagesGolden from './golden/images.json' with { type: 'json' }
import golden from './golden/pictures.json' with { type: 'json' }
import { makePng, pngChunk, type MadePng } from './made-png.ts'

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, k) => Math.abs(value - (b[k] ?? NaN))).reduce((x, y) => Math.max(x, y), 0)

/** What pngjs reads, laid on white, channels first. */
function readByPngjs(file: Buffer): PixelImage {
  const { width, height, data } = PNG.sync.read(file)
  const area = width * height
  const pixels = new Uint8Array(3 * area)
  for (let k = 0; k < area; k++) {
    const alpha = data[4 * k + 3]! / 255
    for (let c = 0; c < 3; c++) pixels[c * area + k] = Math.round(data[4 * k + c]! * alpha + 255 * (1 - alpha))
  }
  return { channels: 3, width, height, data: pixels }
}

describe('the kinds of PngSuite', () => {
  const kinds = (
    [
      [0, [1, 2, 4, 8, 16]],
      [2, [8, 16]],
      [3, [1, 2, 4, 8]],
      [4, [8, 16]],
      [6, [8, 16]],
    ] as const
  ).flatMap(([colourType, depths]) =>
    depths.flatMap(depth => [false, true].map(interlaced => ({ colourType, depth, interlaced }))),
  )
  /** Levels that use the whole range, other ones in each channel. */
  const sampleOf = (depth: number) => (x: number, y: number, channel: number) =>
    (((x * 37 + y * 101 + channel * 59 + ((x * y) % 7)) % 2 ** depth) * (depth === 16 ? 257 : 1)) % 2 ** depth
  const paletteOf = (depth: number) =>
    Array.from({ length: 3 * 2 ** Math.min(depth, 8) }, (_, k) => (k * 83 + 20) % 256)
  const sizes = [[1, 1], [2, 2], [3, 1], [1, 5], [8, 8], [9, 13], [32, 32]] as const

  it.each(kinds)('colour type $colourType, $depth bits, interlaced: $interlaced', async kind => {
    for (const [width, height] of sizes) {
      const file = makePng({
        ...kind,
        width,
        height,
        sample: sampleOf(kind.depth),
        ...(kind.colourType === 3 && { palette: paletteOf(kind.depth) }),
      })
      const [ours, theirs] = [await decodeImage(file, { channels: 3 }, 'made.png'), readByPngjs(file)]
      expect([ours.width, ours.height]).toEqual([width, height])
      // Of 16 bits the upper 8 are kept; pngjs rounds.
      expect(largestDifference(ours.data, theirs.data)).toBeLessThanOrEqual(
        kind.depth === 16 || kind.colourType > 3 ? 1 : 0,
      )
    }
  })
  it('16 bits are cut to the upper 8', async () => {
    const file = makePng({ width: 2, height: 1, colourType: 0, depth: 16, sample: x => [0x1234, 0x12ff][x]! })
    expect([...(await decodeImage(file, { channels: 1 }, 'deep.png')).data]).toEqual([0x12, 0x12])
  })
  it.each([
    ['a transparent grey', { colourType: 0, depth: 8, sample: x => [0, 128][x]!, transparency: [0, 0] }, [255, 128]],
    [
      'a transparent grey of 2 bits',
      { colourType: 0, depth: 2, sample: x => [1, 2][x]!, transparency: [0, 1] },
      [255, 170],
    ],
    [
      'a transparent grey of 16 bits',
      { colourType: 0, depth: 16, sample: x => [0x0102, 0x0103][x]!, transparency: [1, 2] },
      [255, 1],
    ],
    [
      'a transparent colour',
      {
        colourType: 2,
        depth: 8,
        sample: (x, _, c) =>
          [
            [10, 20, 30],
            [10, 20, 31],
          ][x]![c]!,
        transparency: [0, 10, 0, 20, 0, 30],
      },
      [255, 10, 255, 20, 255, 31],
    ],
    [
      'a palette with transparent entries',
      { colourType: 3, depth: 1, sample: x => x, palette: [9, 9, 9, 1, 2, 3], transparency: [0] },
      [255, 1, 255, 2, 255, 3],
    ],
    [
      'a palette as a hint',
      { colourType: 2, depth: 8, sample: (_x, _y, c) => [10, 200, 30][c]!, palette: [0, 0, 0, 255, 255, 255] },
      [10, 10, 200, 200, 30, 30],
    ],
  ] satisfies [string, Omit<MadePng, 'width' | 'height'>, number[]][])('%s', async (_, made, expected) => {
    for (const interlaced of [false, true]) {
      const { data } = await decodeImage(
        makePng({ width: 2, height: 1, ...made, interlaced }),
        { channels: expected.length === 2 ? 1 : 3 },
        'made.png',
      )
      expect([...data]).toEqual(expected)
    }
  })
})

describe('files that Pillow wrote or read', () => {
  it.each(golden.files)('$name', async ({ file, width, height, rgb, tolerance, name }) => {
    const image = await decodeImage(bytesOf(file), { channels: 3 }, name)
    expect([image.width, image.height]).toEqual([width, height])
    expect(largestDifference(image.data, bytesOf(rgb))).toBeLessThanOrEqual(tolerance)
  })
  it.each(imagesGolden.files)('$name', async ({ name, base64, rgb, grey }) => {
    // Decoders of JPEG round differently; blending with white rounds once here and twice there.
    const tolerance = name.includes('JPEG') ? 3 : name.includes('alpha') ? 1 : 0
    const [three, one] = await Promise.all(
      ([3, 1] as const).map(channels => decodeImage(bytesOf(base64), { channels }, name)),
    )
    expect([three!.data.length, one!.data.length]).toEqual([rgb.length, grey.length])
    expect(largestDifference(three!.data, rgb)).toBeLessThanOrEqual(tolerance)
    expect(largestDifference(one!.data, grey)).toBeLessThanOrEqual(Math.max(1, tolerance))
  })
})

describe('sizes and proportions', () => {
  it.each(golden.proportions)(
    '$height x $width to $to as Pillow',
    ({ source, height, width, to, crop, pad, stretch }) => {
      const image = { channels: 3, height, width, data: bytesOf(source) } as const
      for (const [fit, expected] of Object.entries({ crop, pad, stretch })) {
        expect(
          largestDifference(resizeImage(image, to[0]!, to[1]!, fit as 'crop').data, bytesOf(expected)),
        ).toBeLessThanOrEqual(1)
      }
    },
  )
  it.each(['jpeg', 'png', 'webp'] as const)(
    'a large %s is shrunk while it is decoded, to nearly the same pixels',
    async format => {
      const [width, height] = [900, 601]
      const pixels = Uint8Array.from(
        { length: 3 * width * height },
        (_, k) =>
          128 + 100 * Math.sin((Math.floor(k / 3) % width) / 40 + (k % 3)) * Math.cos(Math.floor(k / 3 / width) / 25),
      )
      const file = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .toFormat(format, { quality: 95 })
        .toBuffer()
      const whole = await decodeImage(file, { channels: 3 }, 'large')
      for (const fit of ['crop', 'pad', 'stretch'] as const) {
        const small = await decodeImage(file, { channels: 3, size: [24, 32], fit }, 'large')
        expect([small.width, small.height, small.original]).toEqual([32, 24, [height, width]])
        expect(largestDifference(small.data, resizeImage(whole, 24, 32, fit).data)).toBeLessThanOrEqual(
          format === 'webp' ? 6 : 4,
        )
      }
    },
  )
  it('a picture of the size asked for stays as it is', async () => {
    const file = makePng({ width: 5, height: 4, colourType: 0, depth: 8, sample: (x, y) => 13 * x + 40 * y })
    expect((await decodeImage(file, { channels: 1, size: [4, 5] }, 'x.png')).data).toEqual(
      (await decodeImage(file, { channels: 1 }, 'x.png')).data,
    )
  })
})

/** One file of each format, small. */
const samples = (): Record<string, Uint8Array> => ({
  'colour.png': makePng({ width: 3, height: 2, colourType: 2, depth: 8, sample: (x, y, c) => 40 * x + 20 * y + c }),
  'interlaced.png': makePng({
    width: 5,
    height: 6,
    colourType: 0,
    depth: 4,
    interlaced: true,
    sample: (x, y) => (x + y) % 16,
  }),
  ...Object.fromEntries(
    golden.files
      .filter(({ name }) =>
        /^(orientation 1.jpg|4:2:0|CMYK|lossless.webp|lossy.webp|animated.gif|animated.webp|transparent.gif|palette of 4 bits.bmp|run lengths of 8|24 bits.bmp|32 bits with alpha)/.test(
          name,
        ),
      )
      .map(({ name, file }) => [name, bytesOf(file)]),
  ),
})

describe('damage', () => {
  it.each(Object.entries(samples()))('every cut of %s is a clear error', async (name, file) => {
    await decodeImage(file, { channels: 3 }, name)
    for (let length = 0; length < file.length; length++) {
      await expect(decodeImage(file.subarray(0, length), { channels: 3 }, name), `${length} bytes`).rejects.toThrow(
        UserError,
      )
    }
  }, 120_000)
  it.each(Object.entries(samples()))(
    'a changed byte of %s is an error or a picture of the right size',
    async (name, file) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const damaged = file.slice()
          damaged[at]! ^= change
          try {
            const { data } = await decodeImage(damaged, { channels: 1, size: [4, 4] }, name)
            expect(data).toHaveLength(16)
          } catch (error) {
            expect(error).toBeInstanceOf(UserError)
          }
        }),
        { numRuns: 150 },
      )
    },
    120_000,
  )
  it('says the name, what is wrong and what to do', async () => {
    const file = samples()['colour.png']!
    await expect(decodeImage(file.subarray(0, 60), { channels: 3 }, 'cat/1.png')).rejects.toThrow(
      /cat\/1\.png must be a sound picture[^]*cut off: the file ends within the chunk IDAT[^]*Convert or remove/,
    )
    await expect(decodeImage(Uint8Array.of(), { channels: 3 }, 'e.png')).rejects.toThrow(/an empty file/)
    await expect(decodeImage(Buffer.from('hello, I am a text'), { channels: 3 }, 'e.png')).rejects.toThrow(
      /no PNG, JPEG, WebP, GIF or BMP signature/,
    )
    const changed = file.slice()
    changed[changed.length - 20]! ^= 1
    await expect(decodeImage(changed, { channels: 3 }, 'crc.png')).rejects.toThrow(UserError)
  })
  it('a JPEG whose pixels end too soon is no grey picture, though it has an end mark', async () => {
    const jpeg = samples()['orientation 1.jpg']!
    const holed = Uint8Array.from([...jpeg.subarray(0, jpeg.length - 150), 0xff, 0xd9])
    await expect(decodeImage(holed, { channels: 3 }, 'holed.jpg')).rejects.toThrow(/premature end/)
  })
})

describe('what is not pixels', () => {
  it('is never shown to the decoder', async () => {
    const plain: MadePng = {
      width: 2,
      height: 2,
      colourType: 2,
      depth: 8,
      sample: (x, y, c) => 100 * x + 50 * y + 10 * c,
    }
    const noise = Buffer.alloc(1000, 'no profile at all')
    const chunks = ['iCCP', 'zTXt', 'iTXt', 'gAMA', 'sBIT', 'acTL', 'prVW'].map(type => pngChunk(type, noise))
    expect((await decodeImage(makePng({ ...plain, chunks }), { channels: 3 }, 'x.png')).data).toEqual(
      (await decodeImage(makePng(plain), { channels: 3 }, 'x.png')).data,
    )
    await expect(
      decodeImage(makePng({ ...plain, chunks: [pngChunk('UNKN', noise)] }), { channels: 3 }, 'x.png'),
    ).rejects.toThrow(UserError)
  })
  it('huge claims are refused before anything is decoded', async () => {
    const claim = (width: number, height: number) =>
      makePng({
        width,
        height,
        colourType: 2,
        depth: 16,
        sample: () => 0,
        interlaced: true,
        pixels: new Uint8Array(10),
      })
    await expect(decodeImage(claim(2 ** 31 - 1, 2), { channels: 3 }, 'h.png')).rejects.toThrow(/more than 120000000/)
    await expect(decodeImage(claim(10_000, 10_000), { channels: 3 }, 'h.png')).rejects.toThrow(/MiB to decode/)
    await expect(decodeImage(claim(0, 5), { channels: 3 }, 'h.png')).rejects.toThrow(/no pixels/)
  })
})
