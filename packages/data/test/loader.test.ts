// The loader: batches and chunks, orders of an epoch, cursors, balance.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { createLoader } from '../src/index.ts'
import type { Chunk, Loader } from '../src/index.ts'
import { smallImages } from './small-sets.ts'

/** All chunks of an epoch, copied, because a chunk is valid only until the next. */
async function chunksOf(loader: Loader, epoch: number, fromStep = 0): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of loader.epoch(epoch, fromStep)) chunks.push(structuredClone(chunk))
  return chunks
}
const indicesOf = (chunks: Chunk[]) => chunks.flatMap(chunk => [...chunk.indices])
const dataset = smallImages(23)

describe('createLoader', () => {
  it('stacks full batches and gives the partial one its own chunk', async () => {
    const loader = createLoader({ dataset, batchSize: 4, chunkSteps: 2, shuffle: false })
    expect(loader.stepsPerEpoch).toBe(6)
    const chunks = await chunksOf(loader, 0)
    expect(chunks.map(({ step, steps, batchSize }) => [step, steps, batchSize])).toEqual([
      [0, 2, 4],
      [2, 2, 4],
      [4, 1, 4],
      [5, 1, 3],
    ])
    expect(chunks[0]?.columns['images']?.shape).toEqual([2, 4, 1, 5, 4])
    expect(chunks[0]?.columns['labels']?.shape).toEqual([2, 4])
    expect(chunks[3]?.columns['images']?.data).toEqual(dataset.columns['images']?.data.subarray(20 * 20))
    expect(indicesOf(chunks)).toEqual(Array.from({ length: 23 }, (_, i) => i))
  })

  it('goes through every example once an epoch, in an order of (seed, epoch)', async () => {
    const loader = createLoader({ dataset, batchSize: 5, chunkSteps: 3, seed: 1 })
    const [first, second] = [indicesOf(await chunksOf(loader, 0)), indicesOf(await chunksOf(loader, 1))]
    expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i))
    expect(second).not.toEqual(first)
    expect(indicesOf(await chunksOf(createLoader({ dataset, batchSize: 7, seed: 1 }), 0))).toEqual(first)
    expect(indicesOf(await chunksOf(createLoader({ dataset, batchSize: 5, seed: 2 }), 0))).not.toEqual(first)
  })

  it('gives the same batches from a cursor, however the epoch is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 23 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(100),
        async (batchSize, chunkA, chunkB, cursor) => {
          const transforms = [
            { kind: 'randomCrop', padding: 2 },
            { kind: 'horizontalFlip' },
            { kind: 'mixup' },
          ] as const
          const options = { dataset, batchSize, seed: 9, transforms }
          const whole = await chunksOf(createLoader({ ...options, chunkSteps: chunkA }), 3)
          const other = createLoader({ ...options, chunkSteps: chunkB })
          const from = cursor % (other.stepsPerEpoch + 1)
          const rest = await chunksOf(other, 3, from)
          for (const name of Object.keys(other.columns)) {
            const numbers = (chunks: Chunk[]) => chunks.flatMap(chunk => [...(chunk.columns[name]?.data ?? [])])
            const size = (other.columns[name]?.shape ?? []).reduce((a, b) => a * b, 1)
            expect(numbers(rest)).toEqual(numbers(whole).slice(from * batchSize * size))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('goes through chosen examples only, and may leave out the partial batch', async () => {
    const indices = Int32Array.of(3, 9, 1, 12, 20)
    const loader = createLoader({ dataset, batchSize: 2, indices, dropLast: true, chunkSteps: 9 })
    expect(loader.stepsPerEpoch).toBe(2)
    const seen = indicesOf(await chunksOf(loader, 0))
    expect(seen.length).toBe(4)
    expect(seen.every(index => indices.includes(index))).toBe(true)
  })

  it('gives every class equally often when balanced, each example of it before one again', async () => {
    const labels = Int32Array.from({ length: 40 }, (_, i) => (i < 30 ? 0 : i < 37 ? 1 : 2))
    const uneven = {
      name: 'uneven',
      length: 40,
      columns: { labels: { dtype: 'int32', shape: [], data: labels } as const },
    }
    const loader = createLoader({ dataset: uneven, batchSize: 8, balanceBy: 'labels', seed: 4 })
    const epochs = await Promise.all(
      Array.from({ length: 12 }, async (_, epoch) =>
        indicesOf(await chunksOf(createLoader({ dataset: uneven, batchSize: 8, balanceBy: 'labels', seed: 4 }), epoch)),
      ),
    )
    for (const indices of epochs) {
      const counts = [0, 1, 2].map(label => indices.filter(index => labels[index] === label).length)
      expect([Math.min(...counts), Math.max(...counts), indices.length]).toEqual([13, 14, 40])
    }
    const times = Array.from({ length: 40 }, (_, i) => epochs.flat().filter(index => index === i).length)
    for (const members of [times.slice(0, 30), times.slice(30, 37), times.slice(37)])
      expect(Math.max(...members) - Math.min(...members)).toBeLessThanOrEqual(1)
    // From a cursor on, the same batches.
    expect(indicesOf(await chunksOf(loader, 7, 3))).toEqual(epochs[7]!.slice(24))
    expect(epochs[0]).not.toEqual(epochs[1])
    // Of a part of the set.
    const part = indicesOf(
      await chunksOf(
        createLoader({ dataset: uneven, batchSize: 8, balanceBy: 'labels', indices: Int32Array.of(0, 1, 2, 39) }),
        0,
      ),
    )
    expect(part.toSorted((a, b) => a - b).slice(-2)).toEqual([39, 39])
    expect(() => createLoader({ dataset: uneven, batchSize: 8, balanceBy: 'labels', shuffle: false })).toThrow(
      /Leave shuffle out/,
    )
  })

  it('refuses settings out of range, empty sets and text alone', async () => {
    expect(() => createLoader({ dataset, batchSize: 0 })).toThrow(UserError)
    expect(() => createLoader({ dataset, batchSize: 2.5 })).toThrow(/batchSize/)
    expect(() => createLoader({ dataset: { ...dataset, length: 0 }, batchSize: 2 })).toThrow(UserError)
    expect(() => createLoader({ dataset, batchSize: 30, dropLast: true })).toThrow(/at least one batch/)
    expect(() =>
      createLoader({ dataset: { name: 'words', length: 1, columns: {}, text: { text: ['a'] } }, batchSize: 1 }),
    ).toThrow(/tokenizer/)
    expect(() => createLoader({ dataset: { ...dataset, length: 24 }, batchSize: 2 })).toThrow(/24 examples/)
    await expect(chunksOf(createLoader({ dataset, batchSize: 4 }), 0, 7)).rejects.toThrow(/6 steps/)
  })
})
