// The classification task: mixed labels and averaged views against PyTorch, and where a training uses them.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLoader, type Dataset } from '@ddlf/data'
import { newParameter, Linear, type Module } from '@ddlf/nn'
import { buffer, compile, differentiate, mul, relu, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { z } from 'zod'
import {
  classification,
  evaluateModel,
  experiment,
  memoryRunStore,
  parseSettings,
  publishedSet,
  train,
  trainedModel,
  trainingSettings,
  type Checkpoint,
  type Experiment,
  type TrainEvent,
} from '../../src/index.ts'

interface Golden {
  readonly mixing: {
    readonly logits: readonly number[]
    readonly labels: readonly number[]
    readonly mixedLabels: readonly number[]
    readonly lam: readonly number[]
    readonly cases: readonly {
      readonly smoothing: number
      readonly loss: number
      readonly gradient: readonly number[]
    }[]
    readonly correct: number
  }
  readonly views: Readonly<Record<'images' | 'weight' | 'none' | 'flip' | 'shift' | 'both', readonly number[]>>
}
const golden = JSON.parse(readFileSync(new URL('golden/classification.json', import.meta.url), 'utf8')) as Golden
const runtime = onnxNodeRuntime({ threads: 1 })
const task = classification()

const expectClose = (found: ArrayLike<number>, wanted: readonly number[]) => {
  expect(found.length).toBe(wanted.length)
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4))
}

describe('mixed labels', () => {
  const identity: Module = { forward: x => x }
  const { logits, labels, mixedLabels, lam, cases, correct } = golden.mixing

  it.each(cases)(
    'loss, gradient and right answers are those of PyTorch with label smoothing $smoothing',
    async ({ smoothing, loss, gradient }) => {
      const run = compile(
        (images, first, second, lambda) => {
          const batch = { images, labels: first, mixedLabels: second, lambda }
          const { loss: found, metrics } = task
            .phases({ labelSmoothing: smoothing })[0]!
            .loss(identity, batch, { labelSmoothing: smoothing })
          return [found, metrics['accuracy'] as Tensor, ...differentiate(found, [images])]
        },
        [{ shape: [5, 4] }, { shape: [5], dtype: 'int32' }, { shape: [5], dtype: 'int32' }, { shape: [5] }],
        { runtime },
      )
      const [found, right, grad] = await run(
        Float32Array.from(logits),
        Int32Array.from(labels),
        Int32Array.from(mixedLabels),
        Float32Array.from(lam),
      )
      expectClose(found!.data, [loss])
      expectClose(right!.data, [correct])
      expectClose(grad!.data, gradient)
    },
  )
})

describe('views of an image', () => {
  const { images, weight } = golden.views
  it.each([
    ['none', {}],
    ['flip', { testTimeFlip: true }],
    ['shift', { testTimeShift: true }],
    ['both', { testTimeFlip: true, testTimeShift: true }],
  ] as const)('%s: the mean of the logits is that of PyTorch', async (name, views) => {
    const linear = new Linear(60, 6, { bias: false })
    ;(linear.weight.leaf?.data as Float32Array).set(weight)
    const run = compile(
      x =>
        task.outputs(
          { forward: input => relu(linear.forward(input.flatten(1))) },
          { images: x },
          { labelSmoothing: 0, ...views },
        )['logits'] as Tensor,
      [{ shape: [null, 3, 4, 5] }],
      { runtime },
    )
    expectClose((await run(Float32Array.from(images))).data, golden.views[name])
  })
})

/** Images of 3x3 whose class is whether the left or the right side is bright. */
function sides(name: string, length: number, seed: number): Dataset {
  const noise = uniforms(randomKey(seed), length * 9, 0, 80)
  const labels = Int32Array.from({ length }, (_, i) => i % 2)
  const data = Uint8Array.from(noise, (value, i) => value + (i % 3 === 2 * (i % 18 < 9 ? 0 : 1) ? 120 : 0))
  return {
    name,
    length,
    classes: ['left', 'right'],
    columns: {
      images: { dtype: 'uint8', shape: [1, 3, 3], data },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
  }
}

/** Divides by the mean pixel of its training examples, which it learns before the first step. */
class Scaled implements Module {
  readonly scale = buffer(new Float32Array(1), [])
  readonly offset = newParameter([9], shape => new Float32Array(shape[0] as number))
  readonly linear = new Linear(9, 2)
  forward(x: Tensor): Tensor {
    return this.linear.forward(mul(x.flatten(1), this.scale).add(this.offset))
  }
}

const data = { train: sides('train', 90, 1), test: sides('test', 40, 2) }
const prepared: number[] = []
const made: Experiment = experiment({
  name: 'sides',
  title: 'Left or right',
  question: 'Which side is bright?',
  data: publishedSet('made'),
  config: z.strictObject({
    ...trainingSettings.shape,
    mix: z.enum(['none', 'mixup', 'cutmix']).default('none'),
    testTimeFlip: z.boolean().default(false),
  }),
  task,
  model: () => new Scaled(),
  prepare(model, examples) {
    prepared.push(examples.length)
    const pixels = examples.columns['images']!.data as Uint8Array
    ;(model.scale.leaf?.data as Float32Array)[0] = (255 * pixels.length) / pixels.reduce((a, b) => a + b, 0)
  },
  transforms: ({ mix }) => (mix === 'none' ? [] : [{ kind: mix, alpha: 0.4 }]),
})

async function run(
  given: Readonly<Record<string, unknown>> = {},
  { resumeFrom, stopAt = Infinity }: { resumeFrom?: Checkpoint | undefined; stopAt?: number } = {},
) {
  const settings = parseSettings(made, { epochs: 4, batchSize: 10, learningRate: 0.05, ...given })
  const store = memoryRunStore('sides/1', resumeFrom ? { resumeFrom } : {})
  const stop = new AbortController()
  const events: TrainEvent[] = []
  for await (const event of train({
    experiment: made,
    settings,
    ...data,
    runtime,
    store,
    createLoader: options => createLoader({ ...options, chunkSteps: 2 }),
    signal: stop.signal,
  })) {
    events.push(event)
    if (event.kind === 'step' && event.step >= stopAt) stop.abort()
  }
  return { events, store, settings, checkpoint: store.loadCheckpoint('last')! }
}

describe('in a training', () => {
  it('a model is prepared from the examples it learns from, before the first step; a resumed run ends with the ' +
    'same bits', async () => {
    prepared.length = 0
    const whole = await run({ validation: 0.1 })
    expect(prepared).toEqual([81])
    expect(whole.checkpoint.tensors['scale']!.data[0]).toBeGreaterThan(1)
    expect(whole.events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    const stopped = await run({ validation: 0.1 }, { stopAt: 13 })
    const resumed = await run({ validation: 0.1 }, { resumeFrom: stopped.checkpoint })
    expect(resumed.checkpoint.tensors).toEqual(whole.checkpoint.tensors)
  })

  it.each(['mixup', 'cutmix'] as const)('%s reaches the loss, and it learns all the same', async mix => {
    const [plain, mixed] = [await run(), await run({ mix })]
    expect(mixed.events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    const loss = ({ store }: typeof plain) => store.metrics.filter(({ name }) => name === 'epoch/loss').at(-1)!.value
    expect(loss(mixed)).toBeGreaterThan(1.5 * loss(plain))
    expect(mixed.store.metrics.filter(({ name }) => name === 'test/accuracy').at(-1)!.value).toBeGreaterThan(0.9)
  })

  it('takes several views of a test image after the last epoch only', async () => {
    const [plain, flipped] = [await run(), await run({ testTimeFlip: true })]
    const errors = ({ store }: typeof plain) =>
      store.metrics.filter(({ name }) => name === 'test/loss').map(({ value }) => value)
    expect(errors(flipped).slice(0, 3)).toEqual(errors(plain).slice(0, 3))
    // Mirrored, left is right: the two views cancel out.
    expect(errors(flipped)[3]).toBeGreaterThan(2 * errors(plain)[3]!)
    const { metrics } = await evaluateModel(
      made,
      flipped.settings,
      trainedModel(made, flipped.settings, flipped.checkpoint),
      data.test,
      runtime,
    )
    expect(metrics['loss']).toBeCloseTo(errors(flipped)[3]!, 6)
  })
})
