import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { classCounts, columnOf, splitDataset, splitIndices, subset, take } from '../src/index.ts'
import { smallImages } from './small-sets.ts'

const dataset = { ...smallImages(30), text: { text: Array.from({ length: 30 }, (_, i) => `line ${i}`) } }

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
    const { train, validation } = splitDataset(dataset, { fractions: { train: 0.8, validation: 0.2 }, seed: 1, stratifyBy: 'labels' })
    expect(classCounts(train)).toEqual([8, 8, 8])
    expect(classCounts(validation)).toEqual([2, 2, 2])
  })
  it('gives disjoint parts of the sizes asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), fc.integer({ min: 0, max: 2 ** 32 }), (length, share, stratify, seed) => {
        const set = smallImages(length)
        const parts = splitIndices(set, { fractions: { a: share, b: 1 - share }, seed, ...(stratify && { stratifyBy: 'labels' }) })
        expect([...parts.a, ...parts.b].sort((x, y) => x - y)).toEqual(Array.from({ length }, (_, i) => i))
        expect(Math.abs(parts.a.length - share * length)).toBeLessThanOrEqual(stratify ? 3 : 1)
      }),
    )
  })
  it('refuses fractions that are no shares', () => {
    expect(() => splitIndices(dataset, { fractions: { a: 0.8, b: 0.3 }, seed: 0 })).toThrow(UserError)
    expect(() => splitIndices(dataset, { fractions: { a: -0.1 }, seed: 0 })).toThrow(UserError)
  })
})
