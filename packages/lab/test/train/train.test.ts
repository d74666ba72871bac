// The training loop on small made data: what it tells, what it keeps, and that a resumed run equals an uninterrupted
// one.
import { describe, expect, it, vi } from 'vitest'
import { createLoader } from '@ddlf/data'
import { Dropout, Linear, lookahead, ReLU, Sequential } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  classification,
  experiment,
  memoryRunStore,
  optimizerOf,
  parseSettings,
  publishedSet,
  train,
  trainingSettings,
  type Checkpoint,
  type MemoryRunStore,
  type TrainEvent,
} from '../../src/index.ts'
import { CLASSES, corners } from './corners.ts'

const small = experiment({
  name: 'small',
  title: 'Three corners',
  question: 'Does the loop work?',
  data: publishedSet('made'),
  config: z.strictObject({ ...trainingSettings.shape, dropout: z.number().default(0.1), slow: z.number().default(0) }),
  recipe: ({ slow, ...settings }, { totalSteps: steps }) => ({
    ...(slow > 0 && { optimizer: lookahead(optimizerOf(settings), { every: slow, share: 0.2, steps }) }),
  }),
  task: classification(),
  model: ({ dropout }) => {
    const layers = new Sequential(new Linear(4, 16), new ReLU(), new Dropout(dropout), new Linear(16, CLASSES))
    return { layers, forward: x => layers.forward(x.flatten(1)) }
  },
})

const runtime = onnxNodeRuntime({ threads: 1 })
const data = { train: corners('train', 250, 1), test: corners('test', 100, 2) }

interface Run {
  readonly events: TrainEvent[]
  readonly store: MemoryRunStore
}

/** Runs the loop; `stopAt` asks it to stop once that many steps are done. */
async function run(
  given: Record<string, unknown> = {},
  {
    resumeFrom,
    stopAt = Infinity,
    chunkSteps,
  }: { resumeFrom?: Checkpoint | undefined; stopAt?: number; chunkSteps?: number } = {},
): Promise<Run> {
  const settings = parseSettings(small, { epochs: 3, batchSize: 16, learningRate: 0.1, ...given })
  const store = memoryRunStore('small/1', resumeFrom ? { resumeFrom } : {})
  const stop = new AbortController()
  const events: TrainEvent[] = []
  const makeLoader: typeof createLoader = options =>
    createLoader(chunkSteps === undefined ? options : { ...options, chunkSteps })
  for await (const event of train({
    experiment: small,
    settings,
    ...data,
    runtime,
    store,
    createLoader: makeLoader,
    signal: stop.signal,
  })) {
    events.push(event)
    if (event.kind === 'step' && event.step >= stopAt) stop.abort()
  }
  return { events, store }
}

const last = ({ store }: Run) => store.loadCheckpoint('last')!
const kinds = ({ events }: Run) => events.map(({ kind }) => kind).filter(kind => kind !== 'step')
/** What was measured, without the time of day. */
const measured = (...runs: readonly Run[]) =>
  runs.flatMap(({ store }) => store.metrics.map(({ step, epoch, name, value }) => ({ step, epoch, name, value })))

describe('a training', () => {
  it('tells what happens in order and learns', async () => {
    const whole = await run()
    expect(kinds(whole)).toEqual([
      'start',
      ...Array.from({ length: 3 }, () => ['evaluation', 'checkpoint']).flat(),
      'done',
    ])
    const [start, done] = [whole.events[0]!, whole.events.at(-1)!]
    expect(start).toMatchObject({
      kind: 'start',
      stepsPerEpoch: 16,
      totalSteps: 48,
      trainExamples: 250,
      parameters: 4 * 16 + 16 + 16 * 3 + 3,
      fromStep: 0,
    })
    expect(done).toMatchObject({ kind: 'done', status: 'completed', step: 48 })
    expect(done.kind === 'done' && done.metrics['test']!['accuracy']).toBeGreaterThan(0.8)
    expect(whole.store.status).toBe('completed')
    expect(whole.store.artifacts.has('test-outputs.safetensors')).toBe(true)
  })

  it('whose evaluation takes long says how far it is, between batches', async () => {
    let clock = 0
    const slow = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 10_000))
    const events: TrainEvent[] = []
    const settings = parseSettings(small, { epochs: 1, batchSize: 16, learningRate: 0.1 })
    const held = { train: data.train, test: corners('test', 2500, 2) }
    const store = memoryRunStore('small/1')
    for await (const event of train({ experiment: small, settings, ...held, runtime, store, createLoader }))
      events.push(event)
    slow.mockRestore()
    const judging = events.filter(event => event.kind === 'judging')
    expect(judging.map(({ done }) => done)).toEqual([1000, 2000])
    expect(judging[0]).toMatchObject({ part: 'test', total: 2500 })
  })

  it.each([0, 5])('whose loader gives no more behind step %i stops there, and judges nothing', async most => {
    const whole = await run()
    const events: TrainEvent[] = []
    const store = memoryRunStore('small/1')
    const settings = parseSettings(small, { epochs: 1, batchSize: 16, learningRate: 0.1 })
    const cut: typeof createLoader = options => {
      const loader = createLoader({ ...options, chunkSteps: 5 })
      const epoch: typeof loader.epoch = async function* (at, from) {
        for await (const chunk of loader.epoch(at, from)) {
          if (chunk.step + chunk.steps > most) return
          yield chunk
        }
      }
      return { ...loader, epoch }
    }
    for await (const event of train({ experiment: small, settings, ...data, runtime, store, createLoader: cut }))
      events.push(event)
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'stopped', step: most })
    expect(kinds({ events, store })).toEqual(['start', ...(most > 0 ? ['checkpoint'] : []), 'done'])
    expect(store.artifacts.size).toBe(0)
    expect(whole.store.artifacts.size).toBeGreaterThan(0)
  })

  it('counts every example of the last, partial batch', async () => {
    const { store } = await run({ epochs: 1, learningRate: 1e-9, dropout: 0 })
    // With weights that do not move, the epoch's mean accuracy is the accuracy of the first weights over all 250
    // examples.
    const accuracy = store.metrics.find(({ name }) => name === 'epoch/accuracy')!.value
    expect(accuracy * 250).toBeCloseTo(Math.round(accuracy * 250), 9)
  })

  it('is the same for one seed, bit for bit, however its steps are divided, and different for another', async () => {
    const [a, b, c] = [await run(), await run({}, { chunkSteps: 5 }), await run({ seed: 2 })]
    expect(last(b).tensors).toEqual(last(a).tensors)
    expect(measured(b)).toEqual(measured(a))
    expect(last(c).tensors).not.toEqual(last(a).tensors)
  })

  it.each([
    ['sgd with momentum', {}, 20],
    [
      'adamW with a schedule, an average of the weights and clipping',
      { optimizer: 'adamW', learningRate: 0.01, schedule: 'oneCycle', averageDecay: 0.9, clipNorm: 1 },
      5,
    ],
    ['slow weights', { slow: 3 }, 20],
    ['held-out data, at the end of an epoch', { validation: 0.2 }, 13],
    ['balanced classes', { sampling: 'balanced', classWeights: 'balanced', dropLast: true, validation: 0.1 }, 16],
  ])('stopped and resumed equals an uninterrupted one bit for bit: %s', async (_, settings, stopAt) => {
    const whole = await run(settings)
    const before = await run(settings, { stopAt, chunkSteps: 3 })
    expect(before.events.at(-1)).toMatchObject({ kind: 'done', status: 'stopped' })
    expect(last(before).loop.globalStep).toBeLessThan(48)
    const after = await run(settings, { resumeFrom: last(before), chunkSteps: 4 })
    expect(after.events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    expect(last(after).tensors).toEqual(last(whole).tensors)
    expect(measured(before, after)).toEqual(measured(whole))
  })

  it('refuses to go on with a checkpoint of another model', async () => {
    const { store } = await run({ epochs: 1 })
    const checkpoint = store.loadCheckpoint('last')!
    const tensors = Object.fromEntries(Object.entries(checkpoint.tensors).filter(([name]) => name !== 'layers.3.bias'))
    const { events } = await run({}, { resumeFrom: { ...checkpoint, tensors } })
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/without 'layers.3.bias'/) as string,
    })
  })

  it('chooses the best checkpoint on held-out data when there is some', async () => {
    const { store, events } = await run({ validation: 0.2 })
    expect(store.summary).toMatchObject({ chosenBy: 'validation' })
    expect(events[0]).toMatchObject({ kind: 'start', trainExamples: 200 })
    expect(store.loadCheckpoint('best')).toBeDefined()
  })

  it('stops early when nothing improves', async () => {
    const { events } = await run({ epochs: 50, learningRate: 1e-9, patience: 2 })
    expect(events.at(-1)).toMatchObject({
      kind: 'done',
      status: 'completed',
      step: 48,
      reason: 'no better test accuracy for 2 epochs',
    })
  })

  it('takes parts of a batch one after another with the same result', async () => {
    const [whole, parts] = [await run({ dropout: 0 }), await run({ dropout: 0, accumulate: 4 })]
    for (const [name, { data: values }] of Object.entries(last(whole).tensors)) {
      values.forEach((value, i) => expect(last(parts).tensors[name]!.data[i]).toBeCloseTo(value, 4))
    }
  })

  it('stops at a loss that is not finite, says at which step, and keeps the last good checkpoint', async () => {
    const good = await run({ epochs: 1 })
    const checkpoint = last(good)
    const broken = { ...checkpoint, tensors: { ...checkpoint.tensors } }
    const bias = broken.tensors['layers.0.bias']!
    broken.tensors['layers.0.bias'] = { ...bias, data: new Float32Array(bias.data.length).fill(Number.NaN) }
    const { events, store } = await run({}, { resumeFrom: broken })
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      parts: { received: expect.stringMatching(/a loss of NaN at step 17 \(epoch 2\)/) as string },
    })
    expect(store.status).toBe('failed')
  })

  it('fails where its evaluation is not finite, and keeps the last good checkpoint', async () => {
    let evaluations = 0
    const { evaluate } = small.task
    const metrics: typeof evaluate.metrics = (...given) => ({
      ...evaluate.metrics(...given),
      ...(++evaluations === 2 && { loss: Number.NaN }),
    })
    const judged = { ...small, task: { ...small.task, evaluate: { ...evaluate, metrics } } }
    const store = memoryRunStore('small/1')
    const events: TrainEvent[] = []
    for await (const event of train({
      experiment: judged,
      settings: parseSettings(small, { epochs: 3, batchSize: 16 }),
      ...data,
      runtime,
      store,
      createLoader,
    }))
      events.push(event)
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      parts: {
        rule: expect.stringMatching(/gave no finite number/) as string,
        received: expect.stringMatching(
          /a loss of NaN on the test set after epoch 2, with learning rate 0\.1/,
        ) as string,
        next: expect.stringMatching(/checkpoint of step 16 is kept/) as string,
      },
    })
    expect(events.filter(({ kind }) => kind === 'evaluation')).toHaveLength(1)
    expect([store.status, store.loadCheckpoint('last')!.loop.globalStep]).toEqual(['failed', 16])
  })

  it('a best that is no number gives way to the first that is one', async () => {
    const first = await run({ epochs: 3 }, { stopAt: 16, chunkSteps: 4 })
    const checkpoint = last(first)
    // As a run of an earlier version kept it.
    const best = { value: Number.NaN, epoch: 1, metrics: { test: { accuracy: Number.NaN } } }
    const after = await run({ epochs: 3 }, { resumeFrom: { ...checkpoint, loop: { ...checkpoint.loop, best } } })
    const found = (after.store.summary as { best: { value: number; epoch: number } }).best
    const accuracies = after.store.metrics.filter(({ name }) => name === 'test/accuracy').map(({ value }) => value)
    expect(accuracies.length).toBeGreaterThan(0)
    expect(found.value).toBe(Math.max(...accuracies))
    expect(after.store.loadCheckpoint('best')).toBeDefined()
  })

  it('that learns nothing is told what it knows of itself', async () => {
    const { events, store } = await run({ epochs: 2, learningRate: 1000, momentum: 0, clipNorm: 1 })
    const done = events.at(-1)
    expect(done).toMatchObject({ kind: 'done', status: 'completed' })
    const { advice } = done as { advice?: string }
    expect(advice).toMatch(/no better than chance[^]*It answers [a-c] to 100\.00 % of the examples[^]*% of the units after layers\.0 are dead[^]*learning rate of 100 instead of 1000/)
    expect((store.summary as { advice?: string }).advice).toBe(advice)
    expect((await run({ epochs: 2 })).events.at(-1)).not.toHaveProperty('advice')
  })

  it.each(['train', 'test'] as const)('names a label of the %s set that is no class, and its row', async split => {
    const labels = Int32Array.from(data[split].columns['labels']!.data)
    labels[77] = CLASSES
    const wrong = {
      ...data[split],
      columns: { ...data[split].columns, labels: { dtype: 'int32', shape: [], data: labels } },
    } as const
    const settings = parseSettings(small, { epochs: 1, batchSize: 16 })
    const events: TrainEvent[] = []
    const options = {
      experiment: small,
      settings,
      ...data,
      [split]: wrong,
      runtime,
      store: memoryRunStore('small/1'),
      createLoader,
    }
    for await (const event of train(options)) events.push(event)
    expect(events.at(-1)).toMatchObject({ kind: 'failed', parts: { received: `label 3 in row 77 of ${split}` } })
    if (split === 'train') expect(events).toHaveLength(1)
  })
})

describe('settings', () => {
  it('come from the command line with their types', () => {
    expect(parseSettings(small, ['learningRate=0.5', 'nesterov=true', 'optimizer=adam'])).toMatchObject({
      learningRate: 0.5,
      nesterov: true,
      optimizer: 'adam',
    })
  })

  it('is a word where a word is asked for, also one that looks like a number', () => {
    const words = {
      ...small,
      config: z.strictObject({ ...trainingSettings.shape, form: z.enum(['modern', '1998']).default('modern') }),
    }
    expect(parseSettings(words, ['form=1998'])).toMatchObject({ form: '1998' })
  })

  it.each([
    [['learningrat=1'], /no setting of this name[\s\S]*Did you mean 'learningRate'/],
    [['learningRate=-1'], /learningRate must be (more than|at least) 0[\s\S]*learningRate=-1/],
    [['epochs=many'], /epochs must be a (whole )?number[\s\S]*epochs="many"/],
    [['optimizer=adm'], /optimizer must be one of .*adam/],
    [['epochs'], /written key=value/],
  ])('refuse %s', (given, message) => expect(() => parseSettings(small, given)).toThrow(message))
})
