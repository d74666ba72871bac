// Transforms of images against scipy and PyTorch, and that seed, epoch and example decide them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { randomKey } from '@ddlf/tensor/random'
import { createLoader, normalize, resolveTransform, transformImage } from '../src/index.ts'
import type { Transform } from '../src/index.ts'
import { resizeImage } from '../src/own/pictures/resize-image.ts'
import { shiftImage, shiftMirrored } from '../src/transforms/crop.ts'
import { betaAt } from '../src/transforms/mixup.ts'
import { affineMap, smoothField, warpImage } from '../src/transforms/warp.ts'
import golden from './golden/images.json' with { type: 'json' }
import { smallImages } from './small-sets.ts'

const shape = { channels: 2, height: golden.height, width: golden.width }
const area = shape.height * shape.width
const image = Uint8Array.from(golden.image)
const occasion = { seed: 3, epoch: 1, index: 17 }

describe('against scipy and PyTorch', () => {
  it.each(golden.affine)('affine $degrees degrees, scale $scale, shear $shear', ({ channels, fill, ...parameters }) => {
    const [x, y] = [new Float64Array(area), new Float64Array(area)]
    affineMap(shape, parameters, x, y)
    const warped = image.slice()
    warpImage(warped, 0, shape, x, y, fill, new Uint8Array(image.length))
    for (const [k, value] of channels.flat().entries())
      expect(Math.abs(warped[k]! - value)).toBeLessThanOrEqual(0.5 + 1e-6)
  })
  it.each(golden.smooth)('Gaussian smoothing, sigma $sigma', ({ sigma, values }) => {
    const smooth = smoothField(Float32Array.from(golden.field), shape.height, shape.width, sigma)
    for (const [k, value] of values.entries()) expect(smooth[k]).toBeCloseTo(value, 5)
  })
  it.each(golden.resize)('resize to $height x $width', ({ height, width, values }) => {
    const resized = resizeImage(
      {
        channels: 3,
        height: shape.height,
        width: shape.width,
        data: Uint8Array.of(...image, ...image.subarray(0, area)),
      },
      height,
      width,
    )
    for (const [k, value] of values.entries())
      expect(Math.abs(resized.data[k]! - value)).toBeLessThanOrEqual(0.5 + 1e-3)
  })
  it.each(golden.beta)('Beta($alpha, $alpha)', ({ alpha, points, cdf }) => {
    const draws = Array.from({ length: 20_000 }, (_, k) => betaAt(alpha, randomKey(5, 'beta'), k))
    // Kolmogorov-Smirnov at the 1 % level: 1.63 / sqrt(n).
    for (const [k, point] of points.entries()) {
      expect(Math.abs(draws.filter(draw => draw <= point).length / draws.length - cdf[k]!)).toBeLessThan(
        1.63 / Math.sqrt(draws.length),
      )
    }
  })
})

const examples: Transform[] = [
  { kind: 'randomCrop', padding: 2 },
  { kind: 'randomCrop', padding: 2, edge: 'mirror' },
  { kind: 'horizontalFlip' },
  { kind: 'alternatingFlip' },
  { kind: 'rotation', degrees: 30 },
  { kind: 'affine', degrees: 10, translate: 0.2, scale: [0.8, 1.2], shear: 10 },
  { kind: 'elastic' },
  { kind: 'cutout', size: 3 },
  { kind: 'randomErasing', probability: 1 },
]

describe('every transform of one image', () => {
  it.each(examples)('$kind is decided by seed, epoch and example alone, and leaves its input as it was', transform => {
    const before = image.slice()
    const once = transformImage(image, [2, shape.height, shape.width], [transform], occasion)
    expect(transformImage(image, [2, shape.height, shape.width], [transform], occasion)).toEqual(once)
    expect(image).toEqual(before)
    const others = Array.from({ length: 12 }, (_, k) => [
      transformImage(image, [2, shape.height, shape.width], [transform], { ...occasion, epoch: 2 + k }),
      transformImage(image, [2, shape.height, shape.width], [transform], { ...occasion, index: 20 + k }),
      transformImage(image, [2, shape.height, shape.width], [transform], { ...occasion, seed: 20 + k }),
    ]).flat()
    expect(new Set(others.map(String)).size).toBeGreaterThan(1)
  })
})

describe('alternatingFlip', () => {
  it('shows both sides of every example in any two epochs in a row, and mirrors about half of them at first', () => {
    const flip = (index: number, epoch: number) =>
      transformImage(image, [2, shape.height, shape.width], [{ kind: 'alternatingFlip' }], { seed: 4, epoch, index })
    const mirrored = transformImage(
      image,
      [2, shape.height, shape.width],
      [{ kind: 'horizontalFlip', probability: 1 }],
      occasion,
    )
    const first = Array.from({ length: 200 }, (_, index) => String(flip(index, 0)) === String(mirrored))
    expect(first.filter(Boolean).length).toBeGreaterThan(70)
    expect(first.filter(Boolean).length).toBeLessThan(130)
    for (const [index, flipped] of first.entries()) {
      for (let epoch = 1; epoch < 4; epoch++)
        expect(flip(index, epoch)).toEqual(flipped === (epoch % 2 === 0) ? mirrored : image)
    }
  })
})

describe('randomCrop', () => {
  it('with the edge mirrored is a window of the mirrored image, as numpy pads it', () => {
    const height = 3
    const width = 4
    const source = Uint8Array.from({ length: 2 * height * width }, (_, k) => k)
    // numpy.pad([0 .. 2] or [0 .. 3], 2, 'reflect')
    const rows = [2, 1, 0, 1, 2, 1, 0]
    const columns = [2, 1, 0, 1, 2, 3, 2, 1]
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        const shifted = source.slice()
        shiftMirrored(shifted, 0, { channels: 2, height, width }, dx, dy, new Uint8Array(height * width))
        const wanted = [0, 1].flatMap(c =>
          Array.from({ length: height }, (_, y) =>
            Array.from(
              { length: width },
              (_, x) => source[(c * height + rows[y + dy + 2]!) * width + columns[x + dx + 2]!],
            ),
          ).flat(),
        )
        expect([...shifted]).toEqual(wanted)
      }
    }
  })
  it('moves whole pixels and fills what comes from outside', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: -6, max: 6 }),
        fc.integer({ min: -6, max: 6 }),
        (height, width, moveX, moveY) => {
          const [dx, dy] = [moveX % width, moveY % height]
          const source = Uint8Array.from({ length: 2 * height * width }, (_, k) => 10 + k)
          const shifted = Uint8Array.of(1, ...source, 2)
          shiftImage(shifted, 1, { channels: 2, height, width }, dx, dy, 5)
          expect([shifted[0], shifted.at(-1)]).toEqual([1, 2])
          for (let c = 0; c < 2; c++) {
            for (let y = 0; y < height; y++) {
              for (let x = 0; x < width; x++) {
                const inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width
                expect(shifted[1 + (c * height + y) * width + x]).toBe(
                  inside ? source[(c * height + y + dy) * width + x + dx] : 5,
                )
              }
            }
          }
        },
      ),
    )
  })
  it('reaches every place about equally often', () => {
    const dot = new Uint8Array(9).fill(0)
    dot[4] = 1
    const counts = new Array<number>(10).fill(0)
    for (let index = 0; index < 9000; index++) {
      const at = transformImage(dot, [1, 3, 3], [{ kind: 'randomCrop', padding: 1 }], {
        seed: 1,
        epoch: 0,
        index,
      }).indexOf(1)
      counts[at === -1 ? 9 : at]!++
    }
    for (const count of counts.slice(0, 9)) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })
})

describe('the others', () => {
  it('horizontalFlip mirrors at the rate asked for', () => {
    const flipped = Array.from({ length: 2000 }, (_, index) =>
      transformImage(Uint8Array.of(1, 2, 3, 4), [1, 2, 2], [{ kind: 'horizontalFlip', probability: 0.25 }], {
        seed: 1,
        epoch: 0,
        index,
      }),
    )
    const mirrored = flipped.filter(pixels => pixels[0] === 2)
    expect(mirrored.every(pixels => pixels.join() === '2,1,4,3')).toBe(true)
    expect(Math.abs(mirrored.length - 500)).toBeLessThan(80)
  })
  it('cutout blanks one square of at most its size, alike in all channels', () => {
    for (let index = 0; index < 50; index++) {
      const cut = transformImage(new Uint8Array(2 * 36).fill(9), [2, 6, 6], [{ kind: 'cutout', size: 3, fill: 1 }], {
        seed: 1,
        epoch: 0,
        index,
      })
      const blank = [...cut.subarray(0, 36).keys()].filter(k => cut[k] === 1)
      expect(blank.length).toBeGreaterThanOrEqual(4)
      expect(blank.length).toBeLessThanOrEqual(9)
      expect(cut.subarray(36)).toEqual(cut.subarray(0, 36))
    }
  })
  it('randomErasing changes a rectangle within the share asked for', () => {
    for (let index = 0; index < 50; index++) {
      const erased = transformImage(
        new Uint8Array(400).fill(7),
        [1, 20, 20],
        [{ kind: 'randomErasing', probability: 1, area: [0.1, 0.2], aspect: [1, 1] }],
        { seed: 1, epoch: 0, index },
      )
      const changed = [...erased.keys()].filter(k => erased[k] !== 7)
      const rows = changed.map(k => Math.floor(k / 20))
      const columns = changed.map(k => k % 20)
      const box = (Math.max(...rows) - Math.min(...rows) + 1) * (Math.max(...columns) - Math.min(...columns) + 1)
      expect(box).toBeGreaterThan(400 * 0.1 * 0.6)
      expect(box).toBeLessThan(400 * 0.2 * 1.4)
    }
  })
  it('elastic with alpha 0 and affine without change leave the image alone', () => {
    expect(
      transformImage(
        image,
        [2, shape.height, shape.width],
        [{ kind: 'elastic', alpha: 0 }, { kind: 'affine' }, { kind: 'rotation', degrees: 0 }],
        occasion,
      ),
    ).toEqual(image)
  })
  it('normalize equals its formula, for bytes and for numbers', () => {
    const normal = normalize(Uint8Array.of(0, 255, 51, 102), [2, 1, 2], {
      mean: [0.5, 0.2],
      standardDeviation: [0.5, 0.1],
    })
    for (const [k, value] of [-1, 1, 0, 2].entries()) expect(normal[k]).toBeCloseTo(value, 5)
    expect(normalize(Float32Array.of(3, 5), [2], { mean: [1, 1], standardDeviation: [2, 4] })).toEqual(
      Float32Array.of(1, 1),
    )
  })
})

describe('mixup', () => {
  it('blends two images of a batch and tells lambda and the other label', async () => {
    const dataset = smallImages(12)
    const loader = createLoader({
      dataset,
      batchSize: 4,
      shuffle: false,
      chunkSteps: 3,
      seed: 2,
      transforms: [{ kind: 'mixup', alpha: 1 }],
    })
    const size = 20
    const originals = dataset.columns['images']!.data
    for await (const { columns, indices } of loader.epoch(0)) {
      expect(columns['lambda']).toMatchObject({ dtype: 'float32', shape: [3, 4] })
      for (let k = 0; k < 12; k++) {
        const lambda = columns['lambda']!.data[k]!
        expect(lambda).toBeGreaterThanOrEqual(0)
        expect(lambda).toBeLessThanOrEqual(1)
        const blended = columns['images']!.data.subarray(k * size, (k + 1) * size)
        const step = Math.floor(k / 4) * 4
        const partners = [0, 1, 2, 3]
          .map(j => indices[step + j]!)
          .filter(other =>
            blended.every(
              (value, i) =>
                Math.abs(
                  value - (lambda * originals[indices[k]! * size + i]! + (1 - lambda) * originals[other * size + i]!),
                ) <= 0.5001,
            ),
          )
        expect(partners.map(other => other % 3)).toContain(columns['mixedLabels']!.data[k])
      }
    }
  })
})

describe('cutmix', () => {
  it('puts a window of another image into each, and tells the share that is left and the other label', async () => {
    const dataset = smallImages(60)
    const [, height = 0, width = 0] = dataset.columns['images']!.shape
    const loader = createLoader({
      dataset,
      batchSize: 4,
      shuffle: false,
      chunkSteps: 15,
      seed: 2,
      transforms: [{ kind: 'cutmix' }],
    })
    const size = height * width
    const originals = dataset.columns['images']!.data
    const windows = Array.from({ length: height }, (_, top) =>
      Array.from({ length: width }, (_, left) =>
        Array.from({ length: height - top + 1 }, (_, tall) =>
          Array.from({ length: width - left + 1 }, (_, wide) => ({ top, left, tall, wide })),
        ),
      ).flat(2),
    ).flat()
    const shares = new Set<number>()
    for await (const { columns, indices } of loader.epoch(0)) {
      for (let k = 0; k < 60; k++) {
        const lambda = columns['lambda']!.data[k]!
        shares.add(lambda)
        const mixed = columns['images']!.data.subarray(k * size, (k + 1) * size)
        const step = Math.floor(k / 4) * 4
        const fits = [0, 1, 2, 3]
          .map(j => indices[step + j]!)
          .filter(other =>
            windows
              .filter(({ tall, wide }) => Math.abs(1 - (tall * wide) / size - lambda) < 1e-6)
              .some(({ top, left, tall, wide }) =>
                mixed.every((value, i) => {
                  const [y, x] = [Math.floor(i / width), i % width]
                  const inside = y >= top && y < top + tall && x >= left && x < left + wide
                  return value === originals[(inside ? other : indices[k]!) * size + i]
                }),
              ),
          )
        expect(fits.map(other => dataset.columns['labels']!.data[other])).toContain(columns['mixedLabels']!.data[k])
      }
    }
    expect(shares.size).toBeGreaterThan(3)
  })
})

describe('wrong transforms', () => {
  it('are refused with what is valid', () => {
    expect(() => resolveTransform({ kind: 'randomcrop' } as never)).toThrow(/did you mean 'randomCrop'/)
    expect(() => resolveTransform({ kind: 'randomCrop', padding: -1 })).toThrow(UserError)
    expect(() => resolveTransform({ kind: 'randomCrop', padding: 4, size: 3 } as never)).toThrow(/size/)
    const dataset = smallImages(4)
    const refuse = (transforms: Transform[], message: RegExp) =>
      expect(() => createLoader({ dataset, batchSize: 2, transforms })).toThrow(message)
    refuse([{ kind: 'randomCrop', padding: 4 }], /smaller than the image/)
    refuse([{ kind: 'horizontalFlip', column: 'features' }], /changes images/)
    refuse([{ kind: 'horizontalFlip', column: 'image' }], /images/)
    refuse([{ kind: 'normalize', mean: [0.5], standardDeviation: [1] }, { kind: 'horizontalFlip' }], /last/)
    refuse([{ kind: 'normalize', mean: [0.5, 1], standardDeviation: [1] }], /one mean/)
    refuse([{ kind: 'mixup' }, { kind: 'mixup' }], /once/)
    refuse([{ kind: 'mixup' }, { kind: 'cutmix' }], /once/)
    refuse([{ kind: 'mixup', labels: 'features' }], /class indices/)
    expect(() => transformImage(image, [2, 9, 7], [{ kind: 'mixup' }], occasion)).toThrow(UserError)
  })
})
