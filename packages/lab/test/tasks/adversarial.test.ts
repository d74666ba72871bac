// Two networks against one another: how far apart pictures are, a small training, its samples, and their judge.
import { decode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { createLoader, take, type Dataset } from '@ddlf/data'
import { Linear, ReLU, Sequential, Tanh } from '@ddlf/nn'
import { compile, reshape, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { z } from 'zod'
import {
  adversarial, classification, classificationSettings, evaluateModel, experiment, exportOnnx, judgePictures,
  memoryRunStore, parseSettings, pictureSheet, samplePictures, train, trainedModel, trainingSettings, type TrainEvent,
} from '../../src/index.ts'
import { inMemory } from '../../src/data-source/arrays.ts'
import { frechetDistance, gaussianOf, totalVariance } from '../../src/tasks/adversarial/frechet-distance.ts'
import { regionMeans } from '../../src/tasks/adversarial/region-means.ts'
import { taskFigures } from '../../src/trained/task-figures.ts'

const runtime = onnxNodeRuntime({ threads: 1 })

describe('the Fréchet distance', () => {
  const momentsOf = (points: readonly (readonly number[])[]) => {
    const n = points[0]!.length
    const sum = Array.from({ length: n }, (_, i) => points.reduce((all, point) => all + point[i]!, 0))
    const products = Array.from({ length: n * n }, (_, k) =>
      points.reduce((all, point) => all + point[Math.floor(k / n)]! * point[k % n]!, 0))
    return gaussianOf({ count: points.length, sum, products })
  }
  const one = momentsOf([
    [2.04, -2.56, 0.42], [-0.57, -0.45, -0.22], [-2.02, -0.23, -0.87], [3.32, 0.23, -0.35], [-0.28, -0.67, -1.06],
    [-0.39, 0.48, -0.24], [0.96, -0.2, 0.02],
  ])
  const other = momentsOf([
    [1.7, 0.8, -0.1], [0.21, 0.28, 2.83], [0.03, -0.38, 1.55], [-0.6, -0.6, 1.4], [0.85, 0.15, 1.22],
    [-2.72, -0.13, -0.55], [-1.4, -0.38, 1.3], [-0.24, -1.09, 0.22], [0.22, 1.01, 1.58],
  ])

  it('is that of numpy, by the eigenvalues of the product of the covariances', () => {
    expect(frechetDistance(one, other)).toBeCloseTo(3.386244195141794, 10)
    expect(frechetDistance(other, one)).toBeCloseTo(3.386244195141794, 10)
    expect(totalVariance(one)).toBeCloseTo(3.837657142857142, 12)
  })

  it('is 0 of the same, and the squared distance of points', () => {
    expect(frechetDistance(one, one)).toBeCloseTo(0, 10)
    expect(frechetDistance(momentsOf([[1, 2], [1, 2]]), momentsOf([[4, 6]]))).toBeCloseTo(25, 12)
    expect(() => gaussianOf({ count: 0, sum: [], products: [] })).toThrow(/A mean needs a point/)
  })
})

it('regions are squares of pixels, and pictures that cannot be divided are refused', async () => {
  const run = compile((x: Tensor) => regionMeans(x, 2), [{ shape: [1, 1, 4, 4] }], { runtime })
  const means = await run(Float32Array.from({ length: 16 }, (_, i) => i))
  await run.release()
  expect([...means.data]).toEqual([2.5, 4.5, 10.5, 12.5])
  const odd = () => compile((x: Tensor) => regionMeans(x, 7), [{ shape: [1, 1, 12, 12] }], { runtime })
  await expect((async () => odd()(new Float32Array(144)))()).rejects.toThrow(/7 x 7 regions[^]*12 x 12/)
})

/**
 * Pictures of 7 x 7 with a bright band at any height, a class for the upper half and one for the lower. The heights lie
 * side by side: between two islands of pictures that nothing connects, networks as small as these choose one, in
 * PyTorch too (Fréchet distances of 11.5 to 13, where untrained ones have 8.6 to 9.7).
 */
function bands(name: string, length: number): Dataset {
  const data = new Uint8Array(length * 49)
  const labels = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const height = 6 * uniformAt(randomKey(3, name), i)
    labels[i] = height > 3 ? 1 : 0
    for (let k = 0; k < 49; k++) {
      const brightness = 200 + 40 * uniformAt(randomKey(4, name, i), k)
      data[i * 49 + k] = Math.exp(-((Math.floor(k / 7) - height) ** 2) / 2) * brightness
    }
  }
  const columns = {
    images: { dtype: 'uint8', shape: [1, 7, 7], data },
    labels: { dtype: 'int32', shape: [], data: labels },
  } as const
  return { name, length, columns, classes: ['above', 'below'] }
}

const parts = { train: bands('train', 640), test: bands('test', 200) }
const data = inMemory('bands', parts)

const pictured = (layers: Sequential) => ({
  layers, forward: (x: Tensor) => reshape(layers.forward(x), [x.shape[0] as number, 1, 7, 7]),
})
const flat = (layers: Sequential) => ({ layers, forward: (x: Tensor) => layers.forward(x.flatten(1)) })

const made = experiment({
  name: 'adversaries',
  title: 'Bands',
  question: 'Does it make bands at all heights?',
  data,
  config: z.strictObject({ ...trainingSettings.shape, latent: z.number().int().default(8) }),
  task: adversarial(),
  model: ({ latent }) => {
    const generator = pictured(new Sequential(new Linear(latent, 48), new ReLU(), new Linear(48, 49), new Tanh()))
    const discriminator = flat(new Sequential(new Linear(49, 48), new ReLU(), new Linear(48, 1)))
    return { generator, discriminator, forward: (x: Tensor) => generator.forward(x) }
  },
})

const judge = experiment({
  name: 'judge', title: '', question: '', data, config: classificationSettings, task: classification(),
  model: () => flat(new Sequential(new Linear(49, 2))),
})

async function trained(which: typeof made, given: Readonly<Record<string, unknown>>) {
  const settings = parseSettings(which, given)
  const store = memoryRunStore(`${which.name}/1`)
  let last: TrainEvent | undefined
  for await (const event of train({ experiment: which, settings, ...parts, runtime, store, createLoader })) {
    last = event
  }
  if (last?.kind !== 'done') throw new Error(JSON.stringify(last))
  const model = trainedModel(which, settings, store.loadCheckpoint('last')!)
  return { settings, store, test: parts.test, model, metrics: last.metrics['test']!, experiment: which }
}

const how = { epochs: 40, batchSize: 32, optimizer: 'adam', learningRate: 0.002, beta1: 0.5 }

describe('a small training', () => {
  it.each([1, 2])('makes pictures of both kinds, and a classifier counts them: seed %i', async seed => {
    const run = await trained(made, { ...how, seed })
    const referee = await trained(judge, { epochs: 3, batchSize: 32 })
    const pictures = await samplePictures(run, { count: 300, seed: 1 }, runtime)
    expect(pictures.shape).toEqual([1, 7, 7])
    expect(pictures.data.every(value => value >= 0 && value <= 1)).toBe(true)
    const { examples, found, largest, classes } = await judgePictures(pictures, referee, runtime)
    expect({ examples, found, names: classes.map(({ name }) => name) })
      .toEqual({ examples: 300, found: 2, names: ['above', 'below'] })
    expect(classes.reduce((sum, { count }) => sum + count, 0)).toBe(300)
    expect(largest.count).toBe(Math.max(...classes.map(({ count }) => count)))
    expect(largest.share).toBeLessThan(0.9)
    // Much nearer to the data than the untrained one, whose pictures are grey: PyTorch gets from 7 to 0.5.
    const untrained = await evaluateModel(made, run.settings, made.model(run.settings), run.test, runtime)
    expect(run.metrics['frechet']!).toBeLessThan(untrained.metrics['frechet']! / 4)
    await expect(judgePictures(pictures, run, runtime)).rejects.toThrow(/reads one column of its data/)
    await expect(samplePictures(referee, { count: 1, seed: 1 }, runtime)).rejects.toThrow(/makes pictures/)
  })

  it('is judged on the same noise each time, and its first samples do not depend on how many follow', async () => {
    const { settings, model, test, ...run } = await trained(made, { ...how, epochs: 1 })
    const threads = onnxNodeRuntime({ threads: 2 })
    const judged = async () => (await evaluateModel(made, settings, model, test, threads)).metrics
    expect(await judged()).toEqual(await judged())
    expect((await judged())['spread']).toBe(run.metrics['spread'])
    const one = (await evaluateModel(made, settings, model, take(test, 1), threads)).metrics
    expect([one['spread'], made.task.adviceOn!(one, test, test)]).toEqual([undefined, undefined])
    const sampled = async (count: number, seed = 1) =>
      (await samplePictures({ experiment: made, settings, model }, { count, seed }, runtime)).data.slice(0, 5 * 49)
    expect(await sampled(130)).toEqual(await sampled(5))
    expect(await sampled(5, 2)).not.toEqual(await sampled(5))
  })

  it('is exported with its noise as the input, and shows samples in its report', async () => {
    const { settings, model, test } = await trained(made, { ...how, epochs: 1 })
    const { inputNames, outputNames } = exportOnnx({ experiment: made, settings, model })
    expect({ inputNames, outputNames }).toEqual({ inputNames: ['noise'], outputNames: ['pictures'] })
    const [figure] = await taskFigures({ experiment: made, settings, model }, () => Promise.resolve(test), runtime)
    expect(figure).toMatchObject({ title: 'Pictures that it makes', columns: 10 })
    const sheet = decode(pictureSheet(figure!.pictures!))
    // 40 pictures in rows of seven, a pixel apart.
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([7 * 8 + 1, 6 * 8 + 1, 1])
    const first = Array.from({ length: 7 }, (_, x) => sheet.data[(1 * 57) + 1 + x])
    expect(first).toEqual([...figure!.pictures!.data.slice(0, 7)].map(value => Math.round(255 * value)))
  })

  it('of a model without two networks says what it needs', async () => {
    const wrong = experiment({ ...made, name: 'wrong', config: trainingSettings, model: () => new Linear(8, 49) })
    await expect(trained(wrong, { epochs: 1 })).rejects.toThrow(/phase 'discriminator' must have a parameter/)
  })
})

it('pictures that are all alike are spoken of', () => {
  const { adviceOn } = adversarial()
  const none = { name: '', length: 0, columns: {} }
  expect(adviceOn?.({ spread: 0.05 }, none, none)).toMatch(/nearly all alike/)
  expect(adviceOn?.({ spread: 0.9 }, none, none)).toBeUndefined()
})
