// Windows over a stream, orders of examples, and epochs that are no passes.
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { createLoader, examplesOf, subset, take, type Dataset, type LoaderOptions } from '../src/index.ts'
import { createPrefetchingLoader } from '../src/node.ts'

/** A stream of 0, 1, 2, ... in windows of `size` that begin every `step`, with the next element as target. */
function windows(length: number, size: number, step: number): Dataset {
  const data = Int32Array.from({ length: length + 1 }, (_, i) => i)
  const column = (from: number) => ({ dtype: 'int32' as const, shape: [size], data: data.subarray(from), step })
  return {
    name: 'stream',
    length: Math.floor((length - size) / step) + 1,
    columns: { tokens: column(0), targets: column(1) },
  }
}

async function indicesOf(options: LoaderOptions, epoch: number, fromStep = 0): Promise<number[][]> {
  const batches: number[][] = []
  for await (const { indices, steps, batchSize } of createLoader(options).epoch(epoch, fromStep)) {
    for (let k = 0; k < steps; k++) batches.push([...indices.subarray(k * batchSize, (k + 1) * batchSize)])
  }
  return batches
}

describe('windows over a stream', () => {
  it('overlap without a copy, in the loader, in parts and in subsets', async () => {
    const dataset = windows(20, 4, 1)
    for await (const { columns, indices } of createLoader({ dataset, batchSize: 17, seed: 3 }).epoch(0)) {
      const [tokens, targets] = [columns['tokens']!, columns['targets']!]
      indices.forEach((index, k) => {
        expect([...tokens.data.subarray(4 * k, 4 * k + 4)]).toEqual([index, index + 1, index + 2, index + 3])
        expect([...targets.data.subarray(4 * k, 4 * k + 4)]).toEqual([index + 1, index + 2, index + 3, index + 4])
      })
    }
    expect([...examplesOf(dataset.columns['tokens']!, 5, 7)]).toEqual([5, 6, 7, 8, 6, 7, 8, 9])
    expect([...examplesOf(subset(dataset, [2, 0]).columns['tokens']!, 0, 2)]).toEqual([2, 3, 4, 5, 0, 1, 2, 3])
    const first = take(dataset, 3).columns['tokens']!
    expect([first.data.buffer === dataset.columns['tokens']!.data.buffer, first.data.length]).toEqual([true, 6])
  })
  it('a subset is a view: of the stream in any order, in a thread, and in parts of it', async () => {
    const dataset = windows(20, 4, 1)
    const chosen = subset(dataset, [9, 2, 2, 16, 0])
    const stream = dataset.columns['tokens']!.data.buffer
    for (const { data, starts } of Object.values(chosen.columns)) {
      expect([data.buffer === stream, starts === chosen.columns['tokens']!.starts]).toEqual([true, true])
    }
    const again = subset(take(chosen, 4), [3, 0])
    expect([again.length, ...examplesOf(again.columns['targets']!, 0, 2)]).toEqual([2, 17, 18, 19, 20, 10, 11, 12, 13])
    const loader = createPrefetchingLoader({ dataset: chosen, batchSize: 5, shuffle: false })
    for await (const { columns } of loader.epoch(0)) {
      const begins = [0, 1, 2, 3, 4].map(k => [columns['tokens']!.data[4 * k], columns['targets']!.data[4 * k]])
      expect(begins).toEqual([[9, 10], [2, 3], [2, 3], [16, 17], [0, 1]])
    }
    await loader.close()
    const beyond = { ...dataset.columns['tokens']!, starts: Int32Array.of(0, 18) }
    expect(() => createLoader({ dataset: { name: 'short', length: 2, columns: { beyond } }, batchSize: 1 })).toThrow(
      /Column 'beyond' of short must hold 2 examples of 4 elements/,
    )
  })
  it('a window needs all of its elements', () => {
    const short = windows(20, 4, 2)
    expect(() => createLoader({ dataset: { ...short, length: short.length + 2 }, batchSize: 2 })).toThrow(
      /must hold 11 examples of 4 elements, one every 2/,
    )
  })
  it('of 50 million elements are loaded as they lie', async () => {
    const data = new Uint8Array(50_000_000)
    data[49_999_999] = 7
    const dataset: Dataset = {
      name: 'long',
      length: data.length - 99,
      columns: { bytes: { dtype: 'uint8', shape: [100], data, step: 1 } },
    }
    const before = process.memoryUsage.rss()
    const loader = createLoader({ dataset, batchSize: 64, replacement: true, stepsPerEpoch: 3, seed: 1 })
    for await (const { columns } of loader.epoch(0)) expect(columns['bytes']?.shape).toEqual([1, 64, 100])
    expect(process.memoryUsage.rss() - before).toBeLessThan(40e6)
  })
})

describe('orders', () => {
  const dataset = windows(40, 1, 1)
  it('sequential is that of the data, with replacement draws every example anew', async () => {
    expect((await indicesOf({ dataset, batchSize: 16, shuffle: false }, 5)).flat()).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    )
    const counts = new Array<number>(40).fill(0)
    for (let epoch = 0; epoch < 50; epoch++) {
      for (const index of (
        await indicesOf({ dataset, batchSize: 20, replacement: true, stepsPerEpoch: 4, seed: 2 }, epoch)
      ).flat())
        counts[index]! += 1
    }
    // 4,000 draws of 40: 100 each on average with a deviation of 10, which no permutation has.
    expect(counts.every(count => count > 60 && count < 140)).toBe(true)
    expect(new Set(counts).size).toBeGreaterThan(5)
  })
  it('an epoch that is no pass has full batches, and every pass every example once', async () => {
    const options = { dataset, batchSize: 16, stepsPerEpoch: 3, seed: 1 }
    const drawn = [
      ...(await indicesOf(options, 0)),
      ...(await indicesOf(options, 1)),
      ...(await indicesOf(options, 2)),
      ...(await indicesOf(options, 3)),
      ...(await indicesOf(options, 4)),
    ].flat()
    expect(drawn).toHaveLength(240)
    for (let pass = 0; pass < 6; pass++) {
      expect(drawn.slice(40 * pass, 40 * pass + 40).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, i) => i),
      )
    }
  })
  it('a loader taken up at any step gives the batches of one that was not, in a thread too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.boolean(),
        async (step, chunkSteps, replacement, shuffle) => {
          const options = { dataset, batchSize: 7, stepsPerEpoch: 6, seed: 4, chunkSteps, replacement, shuffle }
          const whole = await indicesOf({ ...options, chunkSteps: 1 }, 3)
          expect(await indicesOf(options, 3, step)).toEqual(whole.slice(step))
        },
      ),
      { numRuns: 40 },
    )
    const options = { dataset, batchSize: 7, stepsPerEpoch: 6, seed: 4, replacement: true }
    const loader = createPrefetchingLoader({ ...options, chunkSteps: 4 })
    const ahead: number[] = []
    for await (const { indices } of loader.epoch(2)) ahead.push(...indices)
    await loader.close()
    expect(ahead).toEqual((await indicesOf(options, 2)).flat())
  })
})
