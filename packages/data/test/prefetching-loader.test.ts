// The loader that works ahead in a thread: the same chunks, and whose memory they are.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { createLoader } from '../src/index.ts'
import type { Chunk, Loader } from '../src/index.ts'
import { createPrefetchingLoader, shareDataset } from '../src/node.ts'
import type { PrefetchingLoaderOptions } from '../src/node.ts'
import { smallImages } from './small-sets.ts'

const dataset = smallImages(23)
const options: PrefetchingLoaderOptions = {
  dataset,
  batchSize: 4,
  chunkSteps: 2,
  seed: 11,
  transforms: [
    { kind: 'randomCrop', padding: 1 },
    { kind: 'elastic' },
    { kind: 'mixup' },
    { kind: 'normalize', mean: [0.5], standardDeviation: [0.2] },
  ],
}
const open: Loader[] = []
const prefetching = (settings = options) => {
  const loader = createPrefetchingLoader(settings)
  open.push(loader)
  return loader
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(loader => loader.close()))
})
async function chunksOf(loader: Loader, epoch: number, fromStep = 0): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of loader.epoch(epoch, fromStep)) chunks.push(structuredClone(chunk))
  return chunks
}

describe('createPrefetchingLoader', () => {
  it('gives the same chunks as the loader of this thread, over epochs and from a cursor', async () => {
    const ahead = prefetching()
    const here = createLoader(options)
    expect(ahead.stepsPerEpoch).toBe(here.stepsPerEpoch)
    for (const [epoch, from] of [[0, 0], [1, 0], [2, 3], [3, 0], [0, 5], [0, 6]] as const) {
      expect(await chunksOf(ahead, epoch, from)).toEqual(await chunksOf(here, epoch, from))
    }
  })

  it('starts anew after an iteration that was left early', async () => {
    const ahead = prefetching()
    for await (const chunk of ahead.epoch(0)) if (chunk.step >= 2) break
    expect(await chunksOf(ahead, 0)).toEqual(await chunksOf(createLoader(options), 0))
    for await (const chunk of ahead.epoch(1)) if (chunk.step >= 2) break
    expect(await chunksOf(ahead, 1, 4)).toEqual(await chunksOf(createLoader(options), 1, 4))
  })

  it('takes the memory of a chunk back when the next is asked for; native code accepts its arrays', async () => {
    const iterator = prefetching().epoch(0)[Symbol.asyncIterator]()
    const first = (await iterator.next()).value as Chunk
    expect(first.columns['images']?.data.buffer).toBeInstanceOf(ArrayBuffer)
    expect(first.indices.length).toBe(8)
    await iterator.next()
    expect(first.indices.length).toBe(0)
  })

  it('shares the examples with the worker instead of copying them again', () => {
    const shared = shareDataset(dataset)
    expect(shared.columns['images']?.data.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(shareDataset(shared).columns['images']).toBe(shared.columns['images'])
    expect(shared.columns['images']?.data).toEqual(dataset.columns['images']?.data)
  })

  it('copies a stream once, of which two columns are windows, and gives their batches', async () => {
    const stream = Int32Array.from({ length: 101 }, (_, i) => 3 * i)
    const column = (from: number) => ({ dtype: 'int32' as const, shape: [4], data: stream.subarray(from), step: 1 })
    const windows = { name: 'stream', length: 97, columns: { tokens: column(0), targets: column(1) } }
    const { tokens, targets } = shareDataset(windows).columns
    expect(tokens?.data.buffer).toBe(targets?.data.buffer)
    expect(tokens?.data.buffer.byteLength).toBe(404)
    expect([tokens?.data, targets?.data]).toEqual([windows.columns.tokens.data, windows.columns.targets.data])
    const set = { dataset: windows, batchSize: 5, seed: 3 }
    expect(await chunksOf(prefetching(set), 0)).toEqual(await chunksOf(createLoader(set), 0))
  })

  it('copies no more of a buffer than its columns hold', () => {
    const whole = Float32Array.from({ length: 1000 }, (_, i) => i)
    const column = (from: number) => ({ dtype: 'float32' as const, shape: [], data: whole.subarray(from, from + 10) })
    const { a, b } = shareDataset({ name: 'parts', length: 10, columns: { a: column(7), b: column(900) } }).columns
    expect([a?.data.buffer.byteLength, b?.data.buffer.byteLength]).toEqual([40, 40])
    expect([a?.data[0], b?.data[9]]).toEqual([7, 909])
  })

  it('refuses wrong settings at once, two iterations at a time, and use after close', async () => {
    expect(() => createPrefetchingLoader({ ...options, batchSize: -1 })).toThrow(UserError)
    expect(() => createPrefetchingLoader({ ...options, slots: 1 })).toThrow(UserError)
    const loader = prefetching()
    const iterator = loader.epoch(0)[Symbol.asyncIterator]()
    await iterator.next()
    await expect(chunksOf(loader, 1)).rejects.toThrow(/already being iterated/)
    await loader.close()
    await expect(iterator.next()).rejects.toThrow(/closed/)
  })

  it('ends with the process, in the middle of an epoch, without being closed', async () => {
    const script = `
      import { createPrefetchingLoader } from ${JSON.stringify(new URL('../src/node.ts', import.meta.url).href)}
      const data = Uint8Array.from({ length: 100 }, (_, k) => k)
      const loader = createPrefetchingLoader({
        dataset: { name: 'bytes', length: 100, columns: { x: { dtype: 'uint8', shape: [], data } } },
        batchSize: 5,
        seed: 2,
      })
      let sum = 0
      for await (const chunk of loader.epoch(0)) { sum += chunk.columns.x.data.length; if (sum === 20) break }
      console.log('sum', sum)`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { timeout: 30_000 },
    )
    expect(stdout).toBe('sum 20\n')
  })
})
