// Trainings that never see a test set, and that stop exactly at the end of an epoch where their listener says so.
import { describe, expect, test } from 'vitest'
import { createLoader } from '@ddlf/data'
import { Linear } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  classification,
  experiment,
  memoryRunStore,
  parseSettings,
  publishedSet,
  train,
  trainingSettings,
  type Checkpoint,
  type TrainEvent,
} from '../../src/index.ts'
import { CLASSES, corners } from './corners.ts'

const linear = experiment({
  name: 'linear',
  title: 'Linear',
  question: 'Does the loop work?',
  data: publishedSet('made'),
  config: trainingSettings,
  task: classification(),
  model: () => {
    const layer = new Linear(4, CLASSES)
    return { layer, forward: x => layer.forward(x.flatten(1)) }
  },
})
const runtime = onnxNodeRuntime({ threads: 1 })
const trainData = corners('train', 200, 1)

async function run(
  given: Record<string, unknown>,
  {
    stopAfter = Infinity,
    resumeFrom,
    ...data
  }: { stopAfter?: number; test?: typeof trainData; resumeFrom?: Checkpoint } = {},
) {
  const store = memoryRunStore('linear/1', resumeFrom ? { resumeFrom } : {})
  const settings = parseSettings(linear, { epochs: 3, batchSize: 20, ...given })
  const stop = new AbortController()
  const events: TrainEvent[] = []
  for await (const event of train({
    experiment: linear,
    settings,
    train: trainData,
    ...data,
    runtime,
    store,
    createLoader,
    signal: stop.signal,
  })) {
    events.push(event)
    if (event.kind === 'checkpoint' && events.filter(({ kind }) => kind === 'evaluation').length >= stopAfter)
      stop.abort()
  }
  return { events, store }
}

describe('without a test set', () => {
  test('a training is judged on what is held out, and keeps nothing of a test', async () => {
    const { events, store } = await run({ validation: 0.2 })
    expect(events[0]).toMatchObject({ kind: 'start', splits: ['train', 'validation'] })
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    const names = new Set(store.metrics.map(({ name }) => name.split('/')[0]))
    expect([...names].sort()).toEqual(['epoch', 'learningRate', 'train', 'validation'])
    expect([...store.artifacts.keys()]).toEqual(['validation-outputs.safetensors'])
    expect(store.summary).toMatchObject({ chosenBy: 'validation' })
  })

  test('nothing held out is a mistake', async () => {
    const { events } = await run({})
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      kind: 'failed',
      parts: {
        rule: expect.stringContaining('judged') as string,
        next: expect.stringContaining('validation=0.1') as string,
      },
    })
  })
})

test('a training that is stopped at the end of an epoch takes no step more, and can go on', async () => {
  const stopped = await run({ validation: 0.2 }, { stopAfter: 1 })
  expect(stopped.events.at(-1)).toMatchObject({ kind: 'done', status: 'stopped', step: 8 })
  const checkpoint = stopped.store.loadCheckpoint('last')!
  expect(checkpoint.loop).toMatchObject({ epoch: 1, stepInEpoch: 0, globalStep: 8 })
  const resumed = await run({ validation: 0.2 }, { resumeFrom: checkpoint })
  const whole = await run({ validation: 0.2 })
  expect(resumed.store.loadCheckpoint('last')!.tensors).toEqual(whole.store.loadCheckpoint('last')!.tensors)
})
