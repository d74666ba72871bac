// Parts of a data set: take, subset, and splits by a seed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { allocate, classCounts, columnOf, splitDataset, splitIndices, subset, take } from '../src/index.ts'
import { smallImages } from './small-sets.ts'

const dataset = { ...smallImages(30), text: { text: Array.from({ length: 30 }, (_, i) => `line ${i}`) } }

it.each(['float32', 'int32', 'uint8'] as const)('columns of %s that no memory holds are refused in words', dtype => {
  for (const shared of [false, true]) {
    expect(() => allocate(dtype, 2 ** 46, shared)).toThrow(UserError)
    expect(() => allocate(dtype, 2 ** 46, shared)).toThrow(/no memory[^]*70368744177664 numbers, \d+\.0 GiB/)
    expect(allocate(dtype, 3, shared)).toHaveLength(3)
  }
})

describe('take and subset', () => {
  it('take shares memory, subset copies in the order given', () => {
    const first = take(dataset, 4)
    expect(first.length).toBe(4)
    expect(first.columns['images']?.data.buffer).toBe(dataset.columns['images']?.data.buffer)
    expect(first.text?.text).toEqual(['line 0', 'line 1', 'line 2', 'line 3'])
    const picked = subset(dataset, [5, 2])
    expect(picked.columns['labels']?.data).toEqual(Int32Array.of(2, 2))
    expect(picked.columns['images']?.data.subarray(20)).toEqual(dataset.columns['images']?.data.subarray(40, 60))
    expect(picked.text?.text).toEqual(['line 5', 'line 2'])
    expect(take(dataset, 99).length).toBe(30)
  })
  it('refuses indices outside the set and names the columns there are', () => {
    expect(() => subset(dataset, [30])).toThrow(UserError)
    expect(() => take(dataset, -1)).toThrow(UserError)
    expect(() => columnOf(dataset, 'pixels')).toThrow(/images, labels, features/)
  })
})

describe('splitDataset', () => {
  it('is decided by the seed alone', () => {
    const options = { fractions: { train: 0.8, validation: 0.2 }, seed: 5 }
    expect(splitIndices(dataset, options)).toEqual(splitIndices(dataset, options))
    expect(splitIndices(dataset, { ...options, seed: 6 })).not.toEqual(splitIndices(dataset, options))
  })
  it('stratified, keeps the share of every class', () => {
    const { train, validation } = splitDataset(dataset, {
      fractions: { train: 0.8, validation: 0.2 },
      seed: 1,
      stratifyBy: 'labels',
    })
    expect(classCounts(train)).toEqual([8, 8, 8])
    expect(classCounts(validation)).toEqual([2, 2, 2])
  })
  const labelled = (perClass: readonly number[]) => {
    const labels = Int32Array.from(perClass.flatMap((count, label) => Array.from({ length: count }, () => label)))
    return {
      name: 'labelled',
      length: labels.length,
      columns: { labels: { dtype: 'int32', shape: [], data: labels } as const },
    }
  }
  it('gives disjoint parts of the sizes asked for, over all classes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 ** 32 }),
        (perClass, first, second, stratify, seed) => {
          const set = labelled(perClass)
          const fractions = { train: first, validation: (1 - first) * second, test: (1 - first) * (1 - second) * 0.9 }
          const parts = splitIndices(set, { fractions, seed, ...(stratify && { stratifyBy: 'labels' }) })
          const all = [...parts.train, ...parts.validation, ...parts.test]
          expect(new Set(all).size).toBe(all.length)
          const classes = stratify ? perClass : [set.length]
          // One of each class stays in training: the other parts have at most the rest.
          const spare = set.length - (first > 0 ? classes.length : 0)
          const held = parts.validation.length + parts.test.length
          if ((1 - first) * set.length <= spare - 1) {
            for (const [name, share] of Object.entries(fractions))
              expect(Math.abs(parts[name as 'train'].length - share * set.length)).toBeLessThan(1)
          }
          expect(held).toBeLessThanOrEqual(spare)
          if (first > 0 && stratify)
            expect(new Set(Array.from(parts.train, i => set.columns.labels.data[i])).size).toBe(perClass.length)
        },
      ),
    )
  })
  it.each([2, 3, 4, 7, 13])('50 classes of %i give a fifth over all, and none is left out of training', size => {
    const set = labelled(Array.from({ length: 50 }, () => size))
    const { train, test } = splitDataset(set, { fractions: { train: 0.8, test: 0.2 }, seed: 3, stratifyBy: 'labels' })
    expect([train.length, test.length]).toEqual([40 * size, 10 * size])
    const [learned, tested] = [
      classCounts({ ...train, classes: Array.from({ length: 50 }, String) }),
      classCounts({ ...test, classes: Array.from({ length: 50 }, String) }),
    ]
    expect(Math.min(...learned)).toBeGreaterThan(0)
    // The share of each class, up to rounding.
    for (const count of tested) expect(Math.abs(count - size / 5)).toBeLessThan(1)
    // Which classes give one more is drawn, not the first ones.
    if (size % 5 !== 0) expect(tested.slice(0, 25)).not.toEqual(tested.slice(25))
  })
  it('classes of one example are all learned: nothing is left to test on', () => {
    const { train, test } = splitIndices(labelled(Array.from({ length: 50 }, () => 1)), {
      fractions: { train: 0.8, test: 0.2 },
      seed: 3,
      stratifyBy: 'labels',
    })
    expect([train.length, test.length]).toEqual([50, 0])
  })
  it('classes of one example among larger ones: those give the share', () => {
    const { train, test } = splitIndices(labelled([...Array.from({ length: 20 }, () => 1), 40, 40]), {
      fractions: { train: 0.8, test: 0.2 },
      seed: 3,
      stratifyBy: 'labels',
    })
    expect([train.length, test.length]).toEqual([80, 20])
  })
  it('refuses fractions that are no shares', () => {
    expect(() => splitIndices(dataset, { fractions: { a: 0.8, b: 0.3 }, seed: 0 })).toThrow(UserError)
    expect(() => splitIndices(dataset, { fractions: { a: -0.1 }, seed: 0 })).toThrow(UserError)
  })
})
