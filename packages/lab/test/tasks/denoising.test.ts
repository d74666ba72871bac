// Denoising: the median filter and the ratio against numpy, the same noise in every evaluation, and that learning beats
// the filter.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createLoader, type Dataset } from '@ddlf/data'
import { Conv2d, ReLU, Sequential } from '@ddlf/nn'
import { add, compile, tensor, type Tensor } from '@ddlf/tensor'
import { integerAt, randomKey } from '@ddlf/tensor/random'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  denoising,
  evaluateModel,
  experiment,
  medianFilter,
  memoryRunStore,
  parseSettings,
  peakSignalToNoise,
  publishedSet,
  train,
  trainingSettings,
  type TrainEvent,
} from '../../src/index.ts'

interface Golden {
  readonly shape: number[]
  readonly image: number[]
  readonly other: number[]
  readonly median: number[]
  readonly psnr: number[]
}
const golden = JSON.parse(readFileSync(new URL('golden/median-filter.json', import.meta.url), 'utf8')) as Golden
const runtime = onnxNodeRuntime({ threads: 1 })
const pictures = (values: readonly number[]) => tensor(Float32Array.from(values), { shape: golden.shape })

it("the median filter and the ratio are numpy's", async () => {
  const filtered = medianFilter(pictures(golden.image)).toArray()
  expect((filtered as number[][][][]).flat(3).map(value => Math.fround(value))).toEqual(
    golden.median.map(value => Math.fround(value)),
  )
  const run = compile(
    (a: Tensor, b: Tensor) => peakSignalToNoise(a, b),
    [{ shape: golden.shape }, { shape: golden.shape }],
    { runtime },
  )
  const ratios = await run(Float32Array.from(golden.other), Float32Array.from(golden.image))
  await run.release()
  golden.psnr.forEach((wanted, i) => expect(ratios.data[i]).toBeCloseTo(wanted, 3))
})

/** Pictures of bars, which a filter of nine pixels does not know. */
function bars(name: string, length: number): Dataset {
  const data = new Uint8Array(length * 144)
  for (let i = 0; i < length; i++) {
    const [at, down] = [integerAt(randomKey(3, name), 2 * i, 10), integerAt(randomKey(3, name), 2 * i + 1, 2) === 1]
    for (let k = 0; k < 24; k++)
      data[i * 144 + (down ? (k % 12) * 12 + at + Math.floor(k / 12) : (at + Math.floor(k / 12)) * 12 + (k % 12))] = 255
  }
  return { name, length, columns: { images: { dtype: 'uint8', shape: [1, 12, 12], data } } }
}

const made = experiment({
  name: 'bars',
  title: 'Bars',
  question: 'Does it learn bars?',
  data: publishedSet('made'),
  config: z.strictObject({ ...trainingSettings.shape, noise: z.number().default(0.3) }),
  task: denoising(),
  model: () => {
    const layers = new Sequential(
      new Conv2d(1, 12, 5, { padding: 2 }),
      new ReLU(),
      new Conv2d(12, 12, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(12, 1, 3, { padding: 1 }),
    )
    return { layers, forward: (x: Tensor) => add(x, layers.forward(x)) }
  },
})

it('a small network beats the median filter, and is judged on the same noise each time', async () => {
  const settings = parseSettings(made, { epochs: 6, batchSize: 32, optimizer: 'adam', learningRate: 0.005 })
  const store = memoryRunStore('bars/1')
  const events: TrainEvent[] = []
  const test = bars('test', 150)
  for await (const event of train({
    experiment: made,
    settings,
    train: bars('train', 600),
    test,
    runtime,
    store,
    createLoader,
  }))
    events.push(event)
  const done = events.at(-1)
  if (done?.kind !== 'done') throw new Error(JSON.stringify(done))
  const { psnr, medianPsnr, noisyPsnr } = done.metrics['test'] as Record<string, number>
  expect(psnr!).toBeGreaterThan(medianPsnr! + 1)
  expect(medianPsnr!).toBeGreaterThan(noisyPsnr!)
  // Nothing is kept of a task that keeps nothing.
  expect(store.artifacts.size).toBe(0)
  const model = made.model(settings)
  const judged = async () => (await evaluateModel(made, settings, model, test, runtime)).metrics
  expect(await judged()).toEqual(await judged())
  expect((await judged())['noisyPsnr']).toBe(noisyPsnr)
})

it('pictures without noise have a ratio of 100 dB, and a training of them goes on', async () => {
  const settings = parseSettings(made, { epochs: 1, batchSize: 32, noise: 0 })
  const model = { forward: (x: Tensor) => x }
  const { metrics } = await evaluateModel(made, settings, model, bars('test', 20), runtime)
  expect(metrics['noisyPsnr']).toBeCloseTo(100, 3)
  expect(metrics['psnr']).toBeCloseTo(100, 3)
})
