// The loss outside the training step, for histograms and sharpness: with a random key, class weights and a teacher.
import { expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { Linear, withSeed } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  classification,
  denoising,
  distillation,
  evaluateModel,
  experiment,
  memoryRunStore,
  parseSettings,
  publishedSet,
  train,
  trainingSettings,
  type Experiment,
} from '../../src/index.ts'
import { trainingObjective } from '../../src/trained/training-objective.ts'
import { corners } from '../train/corners.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const described = { title: 'Made', question: 'Does it run?', data: publishedSet('made') }
const net = (outputs: number) => {
  const layer = new Linear(4, outputs)
  return { layer, forward: (x: Tensor) => layer.forward(x.flatten(1)) }
}

const denoiser = experiment({
  ...described,
  name: 'denoiser',
  config: z.strictObject({ ...trainingSettings.shape, noise: z.number().default(0.3) }),
  task: denoising(),
  model: () => {
    const { layer, forward } = net(4)
    return { layer, forward: (x: Tensor) => forward(x).reshape([-1, 1, 2, 2]) }
  },
})
const classifier = experiment({
  ...described,
  name: 'classifier',
  config: trainingSettings,
  task: classification(),
  model: () => net(3),
})

it('histograms are written of a training whose loss draws random numbers', async () => {
  const store = memoryRunStore('denoiser/1')
  const kinds: string[] = []
  for await (const event of train({
    experiment: denoiser,
    settings: parseSettings(denoiser, { epochs: 1, batchSize: 10, histograms: true }),
    train: corners('train', 40, 1),
    test: corners('test', 20, 2),
    runtime,
    store,
    createLoader,
  }))
    kinds.push(event.kind === 'failed' ? event.message : event.kind)
  expect(kinds.at(-1)).toBe('done')
})

const objectiveOf = (made: Experiment, given: Readonly<Record<string, unknown>>, data = corners('train', 40, 1)) => {
  const settings = parseSettings(made, given)
  const model = withSeed(1, () => made.model(settings))
  const run = { experiment: made, settings, model, train: data, runtime }
  return { settings, model, objective: trainingObjective(run, { examples: 30, batchSize: 20 }) }
}

it('a loss that draws random numbers is a function: the same at every call', async () => {
  const { objective } = objectiveOf(denoiser, {})
  const first = await objective.loss(objective.parameters)
  expect(first).toBeGreaterThan(0)
  expect(await objective.loss(objective.parameters)).toBe(first)
  expect((await objective.lossAndGradient(objective.parameters)).loss).toBeCloseTo(first, 5)
  await objective.release()
})

it('classes weigh what they weighed in training', async () => {
  const whole = corners('train', 40, 1)
  // Classes of different size; as in scikit-learn, the weight of one is 40 / (3 x its examples).
  const labels = Int32Array.from(whole.columns['labels']!.data, (_, i) => (i < 3 ? i : i % 5 === 0 ? 1 : 0))
  const data = { ...whole, columns: { ...whole.columns, labels: { ...whole.columns['labels']!, data: labels } } }
  const { objective, model, settings } = objectiveOf(classifier, { classWeights: 'balanced' }, data)
  const logits = (await evaluateModel(classifier, settings, model, data, runtime)).outputs['logits']!.data
  const counts = [0, 1, 2].map(k => labels.filter(label => label === k).length)
  const weightOf = (i: number) => 40 / (3 * counts[labels[i]!]!)
  const lossOf = (i: number) => {
    const row = [...logits.subarray(3 * i, 3 * i + 3)]
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[labels[i]!]!
  }
  // PyTorch's weighted mean of each batch of 20 and 10, weighed by their examples.
  const meanOf = (from: number, to: number) => {
    const rows = Array.from({ length: to - from }, (_, k) => from + k)
    const sum = (of: (i: number) => number) => rows.reduce((total, i) => total + of(i), 0)
    return sum(i => weightOf(i) * lossOf(i)) / sum(weightOf)
  }
  expect(await objective.loss(objective.parameters)).toBeCloseTo((20 * meanOf(0, 20) + 10 * meanOf(20, 30)) / 30, 5)
  await objective.release()
})

it('a teacher is heard where the data have its column', async () => {
  const student = experiment({
    ...described,
    name: 'student',
    config: z.strictObject({
      ...trainingSettings.shape,
      temperature: z.number().default(2),
      hardShare: z.number().default(0),
    }),
    task: distillation(),
    model: () => net(3),
  })
  const whole = corners('train', 40, 1)
  const settings = parseSettings(student)
  const { model } = objectiveOf(student, {})
  const said = (await evaluateModel(student, settings, model, whole, runtime)).outputs['logits']!.data
  const teacherLogits = { dtype: 'float32' as const, shape: [3], data: said }
  const { objective } = objectiveOf(student, {}, { ...whole, columns: { ...whole.columns, teacherLogits } })
  // The student says what the teacher says: nothing is left to learn.
  expect(await objective.loss(objective.parameters)).toBeCloseTo(0, 5)
  await objective.release()
})
