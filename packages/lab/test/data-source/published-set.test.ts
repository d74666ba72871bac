// Published sets whose last training examples are a part of their own.
import { describe, expect, it } from 'vitest'
import { publishedSet } from '../../src/index.ts'

const labels = (length: number) =>
  ({ dtype: 'int32' as const, shape: [], data: Int32Array.from({ length }, (_, i) => i) })
const io = {
  shared: false,
  dataset: (id: string, split: string) =>
    Promise.resolve({ name: `${id}/${split}`, length: 10, columns: { labels: labels(10) } }),
  texts: () => { throw new Error('not read') },
  artifact: () => Promise.reject(new Error('not made')),
}

describe('publishedSet', () => {
  it('has its splits as they are, where nothing is held out', async () => {
    const source = publishedSet('mnist')
    expect(source.parts).toEqual(['train', 'test'])
    expect(source.form({}).examples).toBe(60_000)
    expect((await source.load?.('train', {}, io))?.length).toBe(10)
  })

  it('holds the last examples out, in their order, and leaves the test part alone', async () => {
    const source = publishedSet('mnist', { heldOut: 3 })
    expect(source.parts).toEqual(['train', 'validation', 'test'])
    expect(source.form({}).examples).toBe(59_997)
    const part = async (name: 'train' | 'validation' | 'test') => {
      const loaded = await source.load?.(name, {}, io)
      return [...(loaded?.columns['labels']?.data as Int32Array)]
    }
    expect(await part('train')).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await part('validation')).toEqual([7, 8, 9])
    expect(await part('test')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('refuses to hold all of them out, a part of one, and options that there are not', async () => {
    await expect(publishedSet('mnist', { heldOut: 10 }).load?.('train', {}, io)).rejects.toThrow(/fewer/)
    await expect(publishedSet('mnist', { heldOut: 2.5 }).load?.('validation', {}, io)).rejects.toThrow(/heldOut: 2.5/)
    expect(() => publishedSet('mnist', { heldOut: -1 })).toThrow(/heldOut/)
    expect(() => publishedSet('mnist', { heldout: 1 } as object)).toThrow(/heldout/)
  })
})
