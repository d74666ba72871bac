// Rare classes: weights of the loss against PyTorch and scikit-learn, balanced sampling, and last batches too small to
// learn from.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { BatchNorm1d, Linear, Sequential, type Module } from '@ddlf/nn'
import { compile, differentiate, input, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  classification,
  experiment,
  memoryRunStore,
  parseSettings,
  publishedSet,
  train,
  trainingSettings,
  type Metric,
  type Phase,
  type TrainEvent,
} from '../../src/index.ts'
import { balancedClassWeights } from '../../src/tasks/classification/class-weights.ts'
import { CLASSES, corners } from './corners.ts'

const golden = JSON.parse(readFileSync(new URL('../tasks/golden/class-weights.json', import.meta.url), 'utf8')) as {
  readonly labels: readonly number[]
  readonly logits: readonly number[]
  readonly weights: readonly number[]
  readonly losses: readonly {
    readonly smoothing: number
    readonly loss: number
    readonly gradient: readonly number[]
  }[]
}
const runtime = onnxNodeRuntime({ threads: 1 })
const identity: Module = { forward: (x: Tensor) => x }

describe('weights of classes', () => {
  it("are scikit-learn's", () => {
    balancedClassWeights(golden.labels).forEach((weight, k) => expect(weight).toBeCloseTo(golden.weights[k]!, 12))
    expect(balancedClassWeights([0, 2, 2, 0, 1], [0, 1, 2])).toEqual([1.5, 0, 0.75])
  })
  it.each(golden.losses)(
    "give PyTorch's loss and gradient, smoothing $smoothing",
    async ({ smoothing, loss, gradient }) => {
      const [phase] = classification({ input: 'x' }).phases({ labelSmoothing: 0 }) as [
        Phase<{ labelSmoothing: number }>,
      ]
      const size = golden.labels.length
      const settings = { labelSmoothing: smoothing }
      const both = (x: Tensor, labels: Tensor) => {
        const value = phase.loss(identity, { x, labels }, settings, { classWeights: golden.weights }).loss
        return [value, ...differentiate(value, [x])]
      }
      const run = compile(
        both,
        [
          { shape: [size, 4], dtype: 'float32', name: 'x' },
          { shape: [size], dtype: 'int32', name: 'labels' },
        ],
        { runtime },
      )
      const [value, slope] = await run(Float32Array.from(golden.logits), Int32Array.from(golden.labels))
      await run.release()
      expect(value!.data[0]).toBeCloseTo(loss, 5)
      gradient.forEach((wanted, i) => expect(slope!.data[i]).toBeCloseTo(wanted, 5))
    },
  )
  it('of mixed labels that agree are those of one label', async () => {
    const [phase] = classification({ input: 'x' }).phases({ labelSmoothing: 0 }) as [Phase<{ labelSmoothing: number }>]
    const run = compile(
      (x: Tensor, labels: Tensor, lambda: Tensor) => {
        const context = { classWeights: golden.weights }
        return [
          phase.loss(identity, { x, labels }, { labelSmoothing: 0 }, context).loss,
          phase.loss(identity, { x, labels, mixedLabels: labels, lambda }, { labelSmoothing: 0 }, context).loss,
        ]
      },
      [
        { shape: [12, 4], dtype: 'float32' },
        { shape: [12], dtype: 'int32' },
        { shape: [12], dtype: 'float32' },
      ],
      { runtime },
    )
    const [one, mixed] = await run(
      Float32Array.from(golden.logits),
      Int32Array.from(golden.labels),
      Float32Array.from({ length: 12 }, (_, i) => i / 12),
    )
    await run.release()
    expect(mixed!.data[0]).toBeCloseTo(one!.data[0]!, 5)
    expect(one!.data[0]).toBeCloseTo(golden.losses[0]!.loss, 5)
  })
})

const define = (model: () => Module) =>
  experiment({
    name: 'small',
    title: 'Small',
    question: 'Does it train?',
    data: publishedSet('made'),
    config: z.strictObject(trainingSettings.shape),
    task: classification(),
    model,
  })
const normed = define(() => {
  const layers = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new Linear(8, CLASSES))
  return { layers, forward: (x: Tensor) => layers.forward(x.flatten(1)) }
})

async function eventsOf(given: Record<string, unknown>, examples: number, chosen = normed): Promise<TrainEvent[]> {
  const settings = parseSettings(chosen, { epochs: 1, batchSize: 32, ...given })
  const events: TrainEvent[] = []
  for await (const event of train({
    experiment: chosen,
    settings,
    train: corners('train', examples, 1),
    test: corners('test', 30, 2),
    runtime,
    store: memoryRunStore('small/1'),
    createLoader,
  }))
    events.push(event)
  return events
}

describe('the last batch', () => {
  it('of one example that batch norm cannot learn from is left out, and it is said', async () => {
    const [start, ...rest] = await eventsOf({}, 65)
    expect(start).toMatchObject({
      kind: 'start',
      stepsPerEpoch: 2,
      trainExamples: 64,
      notes: ['the last batch of an epoch, of 1 example, is left out: batch norm cannot learn from it'],
    })
    expect(rest.at(-1)).toMatchObject({ kind: 'done', status: 'completed', step: 2 })
  })
  it('counts where it can be learned from', async () => {
    const plain = define(() => {
      const layer = new Linear(4, CLASSES)
      return { layer, forward: (x: Tensor) => layer.forward(x.flatten(1)) }
    })
    expect((await eventsOf({}, 65, plain))[0]).toMatchObject({
      kind: 'start',
      stepsPerEpoch: 3,
      trainExamples: 65,
      notes: [],
    })
    expect((await eventsOf({}, 66))[0]).toMatchObject({ kind: 'start', stepsPerEpoch: 3, trainExamples: 66, notes: [] })
    expect((await eventsOf({ accumulate: 2 }, 66)).at(-1)).toMatchObject({ kind: 'done', status: 'completed', step: 2 })
  })
  it('is left out on request', async () => {
    expect((await eventsOf({ dropLast: true }, 70))[0]).toMatchObject({
      kind: 'start',
      stepsPerEpoch: 2,
      trainExamples: 64,
    })
  })
})

const loss: Metric = { name: 'loss', title: 'loss', unit: '', better: 'lower', format: 'fixed' }

it('weights are said, and refused where there are no classes', async () => {
  expect((await eventsOf({ classWeights: 'balanced' }, 64))[0]).toMatchObject({
    notes: ['weights of the classes: a 0.97, b 1.02, c 1.02'],
  })
  const squared = experiment({
    name: 'squared',
    title: '',
    question: '',
    data: publishedSet('made'),
    config: z.strictObject(trainingSettings.shape),
    model: () => new Linear(4, 1),
    task: {
      name: 'regression',
      inputs: ['images'],
      outputs: () => ({}),
      metrics: [loss],
      monitor: loss,
      phases: () => [
        {
          name: 'regression',
          columns: ['images'],
          loss: () => ({ loss: input('never', { shape: [], dtype: 'float32' }), metrics: {} }),
        },
      ],
      evaluate: { columns: ['images'], compute: () => ({ sums: {} }), metrics: () => ({}) },
    },
  })
  expect((await eventsOf({ sampling: 'balanced' }, 64, squared)).at(-1)).toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(/need classes[^]*sampling=balanced/) as string,
  })
})
