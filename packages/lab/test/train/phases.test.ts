// Trainings whose step has several phases: golden values of PyTorch, what is told and kept, and resuming.
import { describe, expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { adam, Linear, schedules, sgd, stateDict } from '@ddlf/nn'
import { add, mean, square, sub, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  experiment, experimentStep, findLearningRate, memoryRunStore, parseSettings, train, trainedModel, trainingSettings,
  type Checkpoint, type Task, type TrainEvent, type TrainingSettings,
} from '../../src/index.ts'
import { columnFrom, datasetFrom, inMemory } from '../../src/data-source/arrays.ts'
import { trainingObjective } from '../../src/trained/training-objective.ts'

/** Two layers that work against one another. */
class Pair {
  readonly critic = new Linear(2, 1)
  readonly generator = new Linear(2, 2)

  constructor() {
    const set = (name: string, values: readonly number[]) => stateDict(this)[name]!.data.set(values)
    set('critic.weight', [0.3, -0.2])
    set('critic.bias', [0.1])
    set('generator.weight', [0.5, 0.1, -0.3, 0.4])
    set('generator.bias', [0.05, -0.05])
  }

  forward(x: Tensor): Tensor {
    return this.generator.forward(x)
  }
}

const loss = { name: 'distance', title: 'distance', unit: '', better: 'lower', format: 'fixed' } as const
const square1 = (said: Tensor) => mean(square(sub(said, 1)))

/** A critic with Adam in every step; in every second a generator with momentum, a schedule and groups of its own. */
const task: Task<TrainingSettings, Pair> = {
  name: 'pair',
  phases: () => [
    {
      name: 'critic',
      columns: ['x'],
      trains: name => name.startsWith('critic.'),
      learningRate: 0.1,
      optimizer: adam({ beta1: 0.5 }),
      loss: ({ critic, generator }, { x }) => ({
        loss: add(square1(critic.forward(x!)), mean(square(critic.forward(generator.forward(x!))))),
        metrics: { seen: critic.forward(x!).sum() },
      }),
    },
    {
      name: 'generator',
      columns: ['x'],
      trains: ['generator.weight', 'generator.bias'],
      every: 2,
      learningRate: 0.05,
      optimizer: sgd({ momentum: 0.9 }),
      schedule: schedules.cosine({ minimum: 0.2 }),
      groups: [{ parameters: ['generator.bias'], rate: 0.1 }],
      loss: ({ critic, generator }, { x }) => ({
        loss: square1(critic.forward(generator.forward(x!))),
        metrics: {},
      }),
    },
  ],
  inputs: ['x'],
  outputs: (model, { x }) => ({ moved: model.forward(x!) }),
  evaluate: {
    columns: ['x'],
    compute: (model, { x }) => ({ sums: { distance: square(sub(model.forward(x!), x!)).sum() } }),
    metrics: ({ distance }, examples) => ({ distance: distance![0]! / examples }),
  },
  metrics: [loss],
  monitor: loss,
}

const numbers = [[0.5, -1], [1.5, 0.25], [-0.75, 0.5], [0.1, 0.9], [-1.2, -0.4], [0.8, -0.6]]
const points = datasetFrom('points', { x: columnFrom('x', numbers) })

const made = experiment({
  name: 'pair',
  title: 'Two losses',
  question: 'Do two phases take turns?',
  data: inMemory('points', { train: points, test: points }),
  config: trainingSettings,
  task,
  model: () => new Pair(),
})

const settings = parseSettings(made, { epochs: 2, batchSize: 3, sampling: 'sequential', clipNorm: 1000 })

async function run(resumeFrom?: Checkpoint, stopAt = Infinity) {
  const store = memoryRunStore('pair/1', resumeFrom ? { resumeFrom } : {})
  const stop = new AbortController()
  const events: TrainEvent[] = []
  for await (const event of train({
    experiment: made, settings, train: points, test: points, runtime: onnxNodeRuntime({ threads: 1 }), store,
    createLoader: options => createLoader({ ...options, chunkSteps: 1 }), signal: stop.signal,
  })) {
    events.push(event)
    if (event.kind === 'step' && event.step >= stopAt) stop.abort()
  }
  return { store, events }
}

/** Of PyTorch 2 in double precision: Adam and SGD of `torch.optim`, phase by phase. */
const TORCH = {
  critic: [0.7725291666666665, 0.7504833371712643, 0.5521660320325086, 0.538650101754248],
  generator: [0.4885780832767577, 0.2936652908335605],
  state: {
    'critic.weight': [0.017056048111810135, 0.05518332660757003],
    'critic.bias': [0.46025013155788885],
    'generator.weight': [0.49876928613783517, 0.09972392948852583, -0.2996960156570155, 0.4000348768144043],
    'generator.bias': [0.0508026004710328, -0.05015583706246688],
  },
}

describe('a training with two phases', () => {
  it('gives the weights and losses of PyTorch, phase by phase', async () => {
    const { store } = await run()
    const { tensors } = store.loadCheckpoint('last')!
    for (const [name, values] of Object.entries(TORCH.state)) {
      Array.from(tensors[name]!.data).forEach((value, i) => { expect(value).toBeCloseTo(values[i]!, 6) })
    }
    const curve = (name: string) => store.metrics.filter(one => one.name === name).map(({ value }) => value)
    curve('train/critic.loss').forEach((value, i) => { expect(value).toBeCloseTo(TORCH.critic[i]!, 6) })
    curve('train/generator.loss').forEach((value, i) => { expect(value).toBeCloseTo(TORCH.generator[i]!, 6) })
    expect(curve('train/critic.loss')).toHaveLength(4)
    // It rests in every second step, and what rests has no value.
    expect(curve('train/generator.loss')).toHaveLength(2)
    expect(curve('critic.learningRate')).toEqual([0.1, 0.1, 0.1, 0.1])
    expect(curve('generator.learningRate').at(0)).toBeCloseTo(0.05, 12)
    expect(curve('critic.gradientNorm')).toHaveLength(4)
  })

  it('keeps the slots of both optimizers', async () => {
    const { store } = await run()
    const names = Object.keys(store.loadCheckpoint('last')!.tensors)
    expect(names).toEqual([
      'critic.weight', 'critic.bias', 'generator.weight', 'generator.bias',
      'critic.firstMoment/critic.weight', 'critic.firstMoment/critic.bias',
      'critic.secondMoment/critic.weight', 'critic.secondMoment/critic.bias',
      'generator.momentum/generator.weight', 'generator.momentum/generator.bias',
    ])
  })

  it('tells the mean loss of each phase', async () => {
    const { events, store } = await run()
    const steps = events.filter(event => event.kind === 'step')
    expect(Object.keys(steps[0]!.losses)).toEqual(['critic.loss'])
    expect(Object.keys(steps[1]!.losses)).toEqual(['critic.loss', 'generator.loss'])
    expect(steps[1]!.loss).toBe(steps[1]!.losses['critic.loss'])
    const [first] = events.filter(event => event.kind === 'evaluation')
    expect(first!.metrics['train']!['critic.loss']).toBeCloseTo((TORCH.critic[0]! + TORCH.critic[1]!) / 2, 6)
    // Over the steps in which the phase took part.
    expect(first!.metrics['train']!['generator.loss']).toBeCloseTo(TORCH.generator[0]!, 6)
    expect(store.summary).toMatchObject({ metrics: { train: { 'critic.loss': expect.any(Number) as number } } })
  })

  it.each([1, 2, 3])('stopped after step %i and resumed it ends with the same bits', async stopAt => {
    const whole = await run()
    const stopped = await run(undefined, stopAt)
    expect(stopped.store.status).toBe('stopped')
    const resumed = await run(stopped.store.loadCheckpoint('last'))
    expect(resumed.store.loadCheckpoint('last')!.tensors).toEqual(whole.store.loadCheckpoint('last')!.tensors)
    const loopOf = ({ store }: typeof whole) => ({ ...store.loadCheckpoint('last')!.loop, seconds: 0 })
    expect(loopOf(resumed)).toEqual(loopOf(whole))
  })

  it('is drawn, and opened from its checkpoint', async () => {
    const { store } = await run()
    expect(experimentStep(made, settings).phases.map(({ name }) => name)).toEqual(['critic', 'generator'])
    const model = trainedModel(made, settings, store.loadCheckpoint('last')!)
    expect(stateDict(model)['critic.bias']!.data[0]).toBeCloseTo(TORCH.state['critic.bias'][0]!, 6)
  })

  it('has no one loss for a learning-rate finder or a landscape to look at', async () => {
    const runtime = onnxNodeRuntime({ threads: 1 })
    await expect(findLearningRate({ experiment: made, settings, train: points, test: points, runtime }))
      .rejects.toThrow(/Learning-rate finders look at a training that lowers one loss[^]*2 phases/)
    const of = { experiment: made, settings, model: new Pair(), train: points, runtime }
    expect(() => trainingObjective(of, { examples: 2 }))
      .toThrow(/one loss[^]*2 phases/)
  })
})

it('sums of a checkpoint from before steps had phases go on', async () => {
  const { Position } = await import('../../src/train/position.ts')
  const sums = { examples: 4, loss: 8, metrics: { accuracy: 3 } }
  const at = new Position({ epoch: 0, stepInEpoch: 1, globalStep: 1, epochSums: sums, windowSums: sums, seconds: 1 })
  expect(at.meanLosses).toEqual({ loss: 2 })
  expect(at.saved(0)['epochSums']).toEqual({ '': sums })
})
