// PCA against scikit-learn, and UMAP: separates what is separate, and the same seed gives the same map.
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pca, umap } from '../../src/analysis/index.ts'
import golden from './golden/pca.json' with { type: 'json' }

describe('PCA', () => {
  it.each(golden)(
    'equals scikit-learn for $items items of $features features',
    ({ items, features, components, x, mean, directions, variance, ratio, projected }) => {
      const found = pca(x, items, components)
      mean.forEach((value, i) => expect(found.mean[i]).toBeCloseTo(value, 10))
      variance.forEach((value, i) => expect(found.variance[i]).toBeCloseTo(value, 8))
      ratio.forEach((value, i) => expect(found.varianceRatio[i]).toBeCloseTo(value, 9))
      directions.forEach((direction, c) => {
        // Version 1.2 of scikit-learn picks signs by the projections; ours makes the largest entry of a direction
        // positive.
        const ours = Array.from(found.directions.subarray(c * features, (c + 1) * features))
        const peak = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
        const sign = Math.sign(peak)
        ours.forEach((value, i) => expect(value).toBeCloseTo(sign * direction[i]!, 7))
        for (let item = 0; item < items; item++)
          expect(found.projected[item * components + c]).toBeCloseTo(sign * projected[item * components + c]!, 6)
      })
    },
  )

  it('has orthonormal directions and projections of the stated variance, whatever the data', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        (items, width, seed) => {
          const components = Math.min(items, width, 3)
          const { directions, projected, variance, varianceRatio } = pca(
            normals(randomKey(seed, 'features'), items * width),
            items,
            components,
          )
          for (let a = 0; a < components; a++) {
            for (let b = 0; b <= a; b++) {
              let dot = 0
              for (let i = 0; i < width; i++) dot += directions[a * width + i]! * directions[b * width + i]!
              expect(dot).toBeCloseTo(a === b ? 1 : 0, 9)
            }
            let spread = 0
            for (let item = 0; item < items; item++) spread += projected[item * components + a]! ** 2
            expect(spread / (items - 1)).toBeCloseTo(variance[a]!, 8)
          }
          expect(varianceRatio.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(1 + 1e-9)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('copes with constant features and repeated eigenvalues', () => {
    const constant = pca([1, 2, 1, 2, 1, 2], 3, 2)
    expect([...constant.variance]).toEqual([0, 0])
    expect([...constant.varianceRatio]).toEqual([0, 0])
    // Corners of a cube: all three variances are equal.
    const cube = Array.from({ length: 8 }, (_, i) => [i & 1, (i >> 1) & 1, i >> 2]).flat()
    pca(cube, 8, 3).variance.forEach(value => expect(value).toBeCloseTo(2 / 7, 12))
  })

  it('handles wide features of images without forming their covariance', () => {
    const [items, width] = [120, 784]
    const data = normals(randomKey(4, 'wide'), items * width)
    const hidden = normals(randomKey(5, 'direction'), width)
    const scores = normals(randomKey(6, 'scores'), items)
    data.forEach((value, i) => (data[i] = 0.1 * value + scores[Math.floor(i / width)]! * hidden[i % width]!))
    const { directions, varianceRatio } = pca(data, items, 1)
    const length = Math.sqrt(hidden.reduce((sum, value) => sum + value * value, 0))
    expect(Math.abs(directions.reduce((sum, value, i) => sum + value * hidden[i]!, 0)) / length).toBeGreaterThan(0.999)
    expect(varianceRatio[0]).toBeGreaterThan(0.95)
  })

  it('refuses shapes that do not fit', () => {
    expect(() => pca([1, 2, 3], 2)).toThrow(UserError)
    expect(() => pca([1, 2, 3, 4], 2, 3)).toThrow(UserError)
    expect(() => pca([1, NaN, 3, 4], 2, 1)).toThrow(/finite/)
  })
})

describe('UMAP', () => {
  const items = 60
  const width = 8
  const features = normals(randomKey(3, 'umap test'), items * width)
  features.forEach((value, i) => (features[i] = value + (Math.floor(i / width) % 3) * 12))

  it('keeps three far groups apart', async () => {
    const map = await umap(features, items, { neighbours: 8, seed: 1 })
    expect(map).toHaveLength(2 * items)
    const distance = (a: number, b: number) => Math.hypot(map[2 * a]! - map[2 * b]!, map[2 * a + 1]! - map[2 * b + 1]!)
    let right = 0
    for (let i = 0; i < items; i++) {
      const others = Array.from({ length: items }, (_, j) => j)
        .filter(j => j !== i)
        .sort((a, b) => distance(i, a) - distance(i, b))
      if (others[0]! % 3 === i % 3) right++
    }
    expect(right).toBe(items)
  })

  it('is a pure function of its seed', async () => {
    const options = { neighbours: 8, epochs: 40 }
    const first = await umap(features, items, { ...options, seed: 5 })
    expect(await umap(features, items, { ...options, seed: 5 })).toEqual(first)
    expect(await umap(features, items, { ...options, seed: 6 })).not.toEqual(first)
  })

  it('refuses shapes that do not fit', async () => {
    await expect(umap([1, 2, 3], 2)).rejects.toThrow(UserError)
    await expect(umap([1, 2, NaN], 3)).rejects.toThrow(/finite/)
  })
})
