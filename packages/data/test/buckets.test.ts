// Examples of different lengths: columns with offsets, and batches of similar ones that are filled up.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createLoader,
  exampleOf,
  raggedColumn,
  range,
  subset,
  type Chunk,
  type Dataset,
  type LoaderOptions,
} from '../src/index.ts'
import { createPrefetchingLoader } from '../src/node.ts'

/** Sequences of 1, 2, ... of the given lengths (numbers of their own), each with its index as a label. */
const sequences = (lengths: readonly number[]): Dataset => ({
  name: 'sequences',
  length: lengths.length,
  columns: {
    tokens: raggedColumn(
      'int32',
      lengths.map((length, i) => Array.from({ length }, (_, t) => 100 * i + t + 1)),
      { padding: -1 },
    ),
    labels: { dtype: 'int32', shape: [], data: Int32Array.from(lengths, (_, i) => i) },
  },
})

async function chunksOf(
  options: LoaderOptions,
  epoch = 0,
  fromStep = 0,
  loader = createLoader(options),
): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of loader.epoch(epoch, fromStep)) {
    const columns = Object.fromEntries(
      Object.entries(chunk.columns).map(([name, column]) => [name, { ...column, data: column.data.slice() }]),
    )
    chunks.push({ ...chunk, columns, indices: chunk.indices.slice() })
  }
  await loader.close()
  return chunks
}

/** The batches of chunks, each as the examples with their own entries. */
const batchesOf = (chunks: readonly Chunk[]) =>
  chunks.flatMap(({ columns, steps, batchSize }) =>
    Array.from({ length: steps }, (_, step) => {
      const [, , entries = 0] = columns['tokens']!.shape
      return Array.from({ length: batchSize }, (_unused, k) => {
        const at = step * batchSize + k
        const own = columns['tokensLengths']!.data[at]!
        const whole = [...columns['tokens']!.data.subarray(at * entries, (at + 1) * entries)]
        expect(whole.slice(own).every(value => value === -1)).toBe(true)
        return { label: columns['labels']!.data[at]!, tokens: whole.slice(0, own), entries }
      })
    }),
  )

describe('batches of sequences', () => {
  it('hold every example once, whole, among others of its length; one batch at most is partial, the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (lengths, batchSize, chunkSteps, shuffle) => {
          const dataset = sequences(lengths)
          const chunks = await chunksOf({ dataset, batchSize, chunkSteps, shuffle, seed: 3 }, 2)
          const batches = batchesOf(chunks)
          const seen = batches.flat().sort((a, b) => a.label - b.label)
          expect(seen.map(({ tokens }) => tokens)).toEqual(
            lengths.map((_, i) => [...exampleOf(dataset.columns['tokens']!, i)]),
          )
          expect(batches.length).toBe(Math.ceil(lengths.length / batchSize))
          expect(batches.slice(0, -1).every(({ length }) => length === batchSize)).toBe(true)
          // No chunk mixes lengths, whatever its number of steps.
          expect(batches).toEqual(batchesOf(await chunksOf({ dataset, batchSize, shuffle, seed: 3 }, 2)))
        },
      ),
      { numRuns: 60 },
    )
  })
  it('are little filled up: of lengths from 1 to 64 less than half, as one length for all would be', async () => {
    const lengths = Array.from({ length: 512 }, (_, i) => 1 + ((i * 37) % 64))
    const batches = batchesOf(await chunksOf({ dataset: sequences(lengths), batchSize: 8, seed: 1 }))
    const [own, all] = [
      lengths.reduce((sum, length) => sum + length, 0),
      batches.flat().reduce((sum, { entries }) => sum + entries, 0),
    ]
    expect(own / all).toBeGreaterThan(0.7)
    expect(new Set(batches.map(batch => batch[0]!.entries))).toEqual(new Set([8, 16, 32, 64]))
    // In another order each epoch.
    const labels = (epoch: number) =>
      chunksOf({ dataset: sequences(lengths), batchSize: 8, seed: 1 }, epoch).then(chunks =>
        chunks.flatMap(({ indices }) => [...indices]),
      )
    expect(await labels(1)).not.toEqual(await labels(0))
  })
  it('are the same from any step on, of a part alone, and in a thread', async () => {
    const lengths = Array.from({ length: 50 }, (_, i) => (i * 7) % 30)
    const indices = Int32Array.from({ length: 40 }, (_, i) => 49 - i)
    const options = { dataset: sequences(lengths), batchSize: 4, chunkSteps: 3, seed: 5, indices, buckets: [10, 29] }
    const whole = batchesOf(await chunksOf(options, 1))
    for (const step of [1, 4, 9]) expect(batchesOf(await chunksOf(options, 1, step))).toEqual(whole.slice(step))
    expect(whole.flat().map(({ label }) => label).sort((a, b) => a - b)).toEqual([...indices].sort((a, b) => a - b))
    expect(batchesOf(await chunksOf(options, 1, 0, createPrefetchingLoader(options)))).toEqual(whole)
  })
  it('of epochs that are steps are the full batches of one pass behind the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 8, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        async (lengths, batchSize, stepsPerEpoch, chunkSteps) => {
          const options = { dataset: sequences(lengths), batchSize, seed: 4, chunkSteps }
          const inSteps = []
          for (const epoch of [0, 1, 2]) {
            const batches = batchesOf(await chunksOf({ ...options, stepsPerEpoch }, epoch))
            expect(batchesOf(await chunksOf({ ...options, stepsPerEpoch }, epoch, 1))).toEqual(batches.slice(1))
            inSteps.push(...batches)
          }
          const inPasses = []
          for (let pass = 0; inPasses.length < 3 * stepsPerEpoch; pass++) {
            inPasses.push(...batchesOf(await chunksOf({ ...options, dropLast: true }, pass)))
          }
          expect(inSteps).toEqual(inPasses.slice(0, 3 * stepsPerEpoch))
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('a column with offsets', () => {
  it('is chosen from by copies, and a range of it is a view', () => {
    const dataset = sequences([3, 0, 2, 4])
    const tokens = (set: Dataset) =>
      Array.from({ length: set.length }, (_, i) => [...exampleOf(set.columns['tokens']!, i)])
    expect(tokens(subset(dataset, [2, 0, 1]))).toEqual([[201, 202], [1, 2, 3], []])
    const part = range(dataset, 2, 4)
    expect([tokens(part), part.columns['tokens']!.data === dataset.columns['tokens']!.data]).toEqual([
      [
        [201, 202],
        [301, 302, 303, 304],
      ],
      true,
    ])
    expect(raggedColumn('float32', [[1, 2], [3, 4, 5, 6]], { shape: [2] }).offsets).toEqual(Int32Array.of(0, 1, 3))
    expect(() => raggedColumn('float32', [[1, 2, 3]], { shape: [2] })).toThrow(
      /whole entries of 2[^]*3 elements in example 0/,
    )
  })
  it('is refused where its batches would have no one length', () => {
    const dataset = sequences([3, 5])
    expect(() => createLoader({ dataset, batchSize: 1, buckets: [4] })).toThrow(
      /hold the longest example[^]*example of 5 entries[^]*truncate/,
    )
    expect(() => createLoader({ dataset, batchSize: 1, buckets: [8, 4] })).toThrow(/whole numbers from 1 on that rise/)
    expect(() => createLoader({ dataset, batchSize: 1, replacement: true })).toThrow(
      /gone through in passes[^]*replacement/,
    )
    expect(() => createLoader({ dataset, batchSize: 3, stepsPerEpoch: 4 })).toThrow(
      /take full batches[^]*2 examples of sequences, batches of 3[^]*smaller batchSize/,
    )
  })
})
