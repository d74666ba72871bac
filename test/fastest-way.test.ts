// What the trainer of the pages computes with: which threads and cards are tried, and which is chosen.
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  chooseWay, fastest, productsOf, threadsToTry, waysToTry, type Way,
} from '../packages/site/src/islands/fastest-way.ts'

const threads = (...counts: number[]) => counts.map((count): Way => ({ provider: 'wasm', threads: count }))
const card: Way = { provider: 'webgpu', threads: 1 }

describe('a measurement of what is fastest', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('begins no other worker once it was asked to stop, for none of them may ever answer', async () => {
    const started: string[] = []
    const leaving = new AbortController()
    vi.stubGlobal('crossOriginIsolated', true)
    vi.stubGlobal('navigator', { hardwareConcurrency: 8 })
    // A browser whose kernels never load.
    vi.stubGlobal('Worker', class {
      postMessage({ threads: count }: Way) {
        started.push(`${count} begun`)
        leaving.abort()
      }

      terminate() {
        started.push('ended')
      }
    })
    const machine = { asked: 'fastest', hasGpu: true } as const
    const { way } = await chooseWay('mlp-on-mnist', [], { hidden: [512, 512], batchSize: 64 }, machine, leaving.signal)
    expect(started).toEqual(['1 begun', 'ended'])
    expect(way).toEqual({ provider: 'wasm', threads: 1 })
  })
})

describe('what a training in the page is computed with', () => {
  it('is one thread where the page may share no memory, and no more threads than there are processors', () => {
    expect(threadsToTry({ isIsolated: false, processors: 8 })).toEqual([1])
    expect(threadsToTry({ isIsolated: true, processors: 1 })).toEqual([1])
    expect(threadsToTry({ isIsolated: true, processors: 2 })).toEqual([1, 2])
    expect(threadsToTry({ isIsolated: true, processors: 3 })).toEqual([1, 2, 3])
    expect(threadsToTry({ isIsolated: true, processors: 64 })).toEqual([1, 2, 4])
  })

  it('is the graphics card only where there is one, and where a step has enough to do for it', () => {
    const machine = { isIsolated: true, processors: 2, hasGpu: true }
    const [small, large] = [productsOf([128, 128], 64), productsOf([512, 512], 64)]
    expect([small, large]).toEqual([64 * 118_016, 64 * 668_672])
    expect(waysToTry('fastest', machine, small)).toEqual(threads(1, 2))
    expect(waysToTry('fastest', machine, large)).toEqual([...threads(1, 2), card])
    expect(waysToTry('fastest', { ...machine, hasGpu: false }, large)).toEqual(threads(1, 2))
    expect(waysToTry('fastest', { ...machine, isIsolated: false }, large)).toEqual([...threads(1), card])
  })

  it('is what a reader asks for', () => {
    const machine = { isIsolated: true, processors: 2, hasGpu: true }
    expect(waysToTry('webgpu', machine, 1)).toEqual([card])
    expect(waysToTry('wasm', machine, 1e12)).toEqual(threads(1, 2))
  })

  it('is what took the most steps, the cheaper of equals, and one thread where nothing was measured', () => {
    const measured = (...speeds: number[]) =>
      [...threads(1, 2), card].map((way, i) => ({ ...way, stepsPerSecond: speeds[i] ?? 0 }))
    expect(fastest(measured(300, 500, 400))).toEqual({ provider: 'wasm', threads: 2 })
    expect(fastest(measured(500, 500, 500))).toEqual({ provider: 'wasm', threads: 1 })
    expect(fastest(measured(300, 500, 501))).toEqual(card)
    expect(fastest(measured(0, 0, 0))).toEqual({ provider: 'wasm', threads: 1 })
    expect(fastest([])).toEqual({ provider: 'wasm', threads: 1 })
  })
})
