// The shards in which MNIST comes to a page: what they hold, how they are put together, and how a run learns from them.
import { beforeAll, describe, expect, it } from 'vitest'
import { columnOf, createLoader, type Dataset, type Loader } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { shardsOf } from '../packages/site/src/build/mnist-for-the-page.ts'
import { beganEarly, digitMoments, digitsWords, nameWithDigits } from '../packages/site/src/islands/digits-learned.ts'
import { createGrowingLoader } from '../packages/site/src/workers/growing-loader.ts'
import { ALL_DIGITS, DIGITS } from '../packages/site/src/workers/messages.ts'
import { FILES, PIXELS, shardOrder, shardRange, SHARDS } from '../packages/site/src/workers/mnist-shards.ts'
import { unlessAborted } from '../packages/site/src/workers/unless-aborted.ts'
import { ArrivingMnist, type Arrived } from '../packages/site/src/workers/mnist.ts'

let sets: { readonly train: Dataset; readonly test: Dataset }
let files: Readonly<Record<string, Uint8Array>>
beforeAll(async () => {
  sets = { train: await loadDataset('mnist', { split: 'train' }), test: await loadDataset('mnist', { split: 'test' }) }
  files = shardsOf(sets.train, sets.test)
})

const fileOf = (name: string) => files[name] as Uint8Array

describe('the shards of MNIST', () => {
  it('hold every digit once, and at each beginning every class by its share', () => {
    const labels = fileOf(FILES.labels).subarray(0, 60_000)
    const order = shardOrder(labels)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 60_000 }, (_, i) => i))
    const counted = (digits: Uint32Array) => {
      const counts = new Array<number>(10).fill(0)
      for (const digit of digits) counts[labels[digit] ?? 0] = (counts[labels[digit] ?? 0] ?? 0) + 1
      return counts
    }
    const whole = counted(order)
    for (let shard = 0; shard < SHARDS.length; shard++) {
      const [, to] = shardRange(shard)
      counted(order.subarray(0, to)).forEach((count, digit) =>
        expect(Math.abs(count - ((whole[digit] ?? 0) * to) / 60_000), `${digit} of the first ${to}`).toBeLessThan(1))
    }
    // A digit lies where the order says, and the first ones were not drawn by where they lie.
    const images = columnOf(sets.train, 'images').data
    const [from, to] = shardRange(1)
    const last = order[to - 1] ?? 0
    expect(fileOf(FILES.train(1)).slice((to - from - 1) * PIXELS)).toEqual(
      Uint8Array.from(images.subarray(last * PIXELS, (last + 1) * PIXELS) as ArrayLike<number>),
    )
    expect(order.subarray(0, 3000).filter(digit => digit < 30_000).length).toBeGreaterThan(1400)
    expect(order.subarray(0, 3000).filter(digit => digit >= 30_000).length).toBeGreaterThan(1400)
  })

  it('give MNIST again when all have come, one after another', async () => {
    const [asked, arrived]: [string[], Arrived[]] = [[], []]
    const fetched = (name: string) => {
      asked.push(name)
      return Promise.resolve(fileOf(name))
    }
    const mnist = new ArrivingMnist(fileOf(FILES.labels), fileOf(FILES.train(0)), fetched, one => arrived.push(one))
    expect(mnist.arrived).toEqual({ digits: 3000, of: 60_000 })
    expect(mnist.indices().length).toBe(3000)
    await mnist.settled()
    expect(asked).toEqual([FILES.test, ...[1, 2, 3].map(FILES.train)])
    expect(arrived.map(({ digits }) => digits)).toEqual([3000, 10_000, 30_000, 60_000])
    for (const part of ['train', 'test'] as const)
      for (const column of ['images', 'labels'])
        expect(
          Buffer.from(Uint8Array.from(columnOf(mnist[part], column).data)).equals(
            Buffer.from(Uint8Array.from(columnOf(sets[part], column).data as ArrayLike<number>)),
          ),
          `${part} ${column}`,
        ).toBe(true)
  })

  it('that do not come leave what is there, and are asked for again', async () => {
    let isThere = false
    const fetched = (name: string) =>
      name === FILES.train(2) && !isThere ? Promise.reject(new Error('Failed to fetch')) : Promise.resolve(fileOf(name))
    const arrived: Arrived[] = []
    const mnist = new ArrivingMnist(fileOf(FILES.labels), fileOf(FILES.train(0)), fetched, one => arrived.push(one))
    await mnist.settled()
    expect(arrived.at(-1)).toEqual({ digits: 10_000, of: 60_000, trouble: 'Failed to fetch' })
    await mnist.testThere()
    isThere = true
    mnist.fetchRest()
    await mnist.settled()
    expect(mnist.arrived).toEqual({ digits: 60_000, of: 60_000 })
    const without = new ArrivingMnist(fileOf(FILES.labels), fileOf(FILES.train(0)), name =>
      Promise.reject(new Error(`${name}: 404`)), () => undefined)
    await expect(without.testThere()).rejects.toThrow('The test digits did not arrive')
    expect(without.arrived).toEqual({ digits: 3000, of: 60_000, trouble: `${FILES.test}: 404` })
  })
})

describe('a loader of what arrives', () => {
  const dataset: Dataset = {
    name: 'numbers', length: 100,
    columns: { x: { dtype: 'int32', shape: [], data: Int32Array.from({ length: 100 }, (_, i) => i) } },
  }
  const options = { dataset, batchSize: 8, chunkSteps: 3, seed: 5 }
  const every = Int32Array.from({ length: 100 }, (_, i) => i)
  async function chunksOf(loader: Loader, epoch = 0): Promise<{ step: number; steps: number; x: number[] }[]> {
    const chunks: { step: number; steps: number; x: number[] }[] = []
    for await (const { step, steps, columns, indices } of loader.epoch(epoch)) {
      expect([...(columns['x']?.data ?? [])]).toEqual([...indices])
      chunks.push({ step, steps, x: [...indices] })
    }
    return chunks
  }
  const arriving = (indices: () => Int32Array, passes: number[][] = []) => ({
    isWhole: () => indices().length === 100, count: () => indices().length, indices,
    judgeable: () => Promise.resolve(true), onPass: (examples: number, step: number) => passes.push([examples, step]),
  })

  it('is the plain loader where all is there', async () => {
    const passes: number[][] = []
    const grown = createGrowingLoader(options, arriving(() => every, passes))
    const plain = createLoader(options)
    for (const epoch of [0, 1]) expect(await chunksOf(grown, epoch)).toEqual(await chunksOf(plain, epoch))
    expect(passes).toEqual([[100, 0], [100, 13]])
  })

  it('takes the steps of a whole epoch from what is there, in another order each pass', async () => {
    const passes: number[][] = []
    const chunks = await chunksOf(createGrowingLoader(options, arriving(() => every.slice(0, 40), passes)))
    expect(passes).toEqual([[40, 0], [40, 5], [40, 10]])
    expect(chunks.map(({ step, steps }) => [step, steps])).toEqual([[0, 3], [3, 2], [5, 3], [8, 2], [10, 3]])
    const [first, second] = [0, 1].map(pass => [...(chunks[2 * pass]?.x ?? []), ...(chunks[2 * pass + 1]?.x ?? [])])
    expect(new Set(first)).toEqual(new Set(every.slice(0, 40)))
    expect(new Set(second)).toEqual(new Set(first))
    expect(second).not.toEqual(first)
  })

  it('goes through more as soon as it has come, and waits until a model can be judged', async () => {
    const [passes, order]: [number[][], string[]] = [[], []]
    let there = 40
    let judge: () => void = () => undefined
    const judged = new Promise<true>(resolve => {
      judge = () => { resolve(true) }
    })
    const loader = createGrowingLoader(options, {
      ...arriving(() => every.slice(0, there), passes), judgeable: () => judged,
    })
    for await (const { step, indices } of loader.epoch(0)) {
      expect(Math.max(...indices)).toBeLessThan(there)
      order.push(`step ${step}`)
      there = 100
      if (step === 9) setTimeout(() => {
        order.push('judgeable')
        judge()
      }, 0)
    }
    expect(passes).toEqual([[40, 0], [100, 3]])
    expect(order).toEqual(['step 0', 'step 3', 'step 6', 'step 9', 'judgeable', 'step 12'])
  })

  it('does not end an epoch whose model nobody waits to judge', async () => {
    const stop = new AbortController()
    const never = new Promise<true>(() => undefined)
    const unjudged = { judgeable: async () => (await unlessAborted(never, stop.signal)) ?? false }
    for (const indices of [every, every.slice(0, 40)]) {
      const steps: number[] = []
      for await (const { step } of createGrowingLoader(options, { ...arriving(() => indices), ...unjudged }).epoch(0)) {
        steps.push(step)
        if (step === 9 || step === 10) stop.abort()
      }
      expect(steps.at(-1)).toBeLessThan(12)
      expect(steps.length).toBeGreaterThan(3)
    }
  })
})

describe('what a run says of its digits', () => {
  const measured = (all: number, ...learned: [step: number, digits: number][]) => [
    { step: 1, epoch: 0, name: ALL_DIGITS, value: all },
    ...learned.map(([step, value]) => ({ step, epoch: (step - 1) / 1000, name: DIGITS, value })),
  ]
  const there: Arrived = { digits: 60_000, of: 60_000 }

  it('is how many it had, and when more came', () => {
    const whole = measured(60_000, [1, 60_000])
    expect(digitsWords([], undefined, 'loading')).toBe('')
    expect(digitsWords(whole, there, 'training')).toBe('Learns from 60,000 digits.')
    expect(digitsWords(whole, there, 'done')).toBe('Trained on 60,000 digits.')
    expect(digitsWords(measured(3200, [1, 3200]), there, 'done')).toBe('Trained on 3,200 digits.')
    const grown = measured(60_000, [1, 3000], [121, 10_000])
    expect(digitsWords(grown, { digits: 10_000, of: 60_000 }, 'training')).toBe(
      'Learns from 3,000 digits, 10,000 from step 121. More are on their way.',
    )
    expect(digitsWords(grown, there, 'done')).toBe(
      'Trained on 3,000 digits, 10,000 from step 121. They arrived while it trained, so this run cannot be repeated ' +
        'number by number; one that has them all from its first step can.',
    )
    const lost = { digits: 10_000, of: 60_000, trouble: 'Failed to fetch' }
    expect(digitsWords(grown, lost, 'done')).toBe(
      'Trained on 3,000 digits, 10,000 from step 121. The rest did not arrive (Failed to fetch). The next run asks ' +
        'for it again.',
    )
  })

  it('marks on its curves where more came', () => {
    expect(digitMoments(measured(60_000, [1, 3000], [101, 10_000], [701, 60_000]))).toEqual([
      { x: 0.1, label: '10,000 digits from here' },
      { x: 0.7, label: 'all digits from here' },
    ])
    expect(digitMoments(measured(60_000, [1, 60_000]))).toEqual([])
    expect(digitMoments([])).toEqual([])
  })

  it('stands in its name where some were missing', () => {
    expect(nameWithDigits('128', measured(60_000, [1, 60_000]))).toBe('128')
    expect(nameWithDigits('128', measured(3200, [1, 3200]))).toBe('128')
    expect(nameWithDigits('128', measured(60_000, [1, 3000], [90, 60_000]))).toBe('128, 3k-60k digits')
    expect(nameWithDigits('128', measured(60_000, [1, 3000]))).toBe('128, 3k digits')
    expect([beganEarly(measured(60_000, [1, 3000])), beganEarly(measured(3200, [1, 3200])), beganEarly([])]).toEqual(
      [true, false, false],
    )
  })
})
