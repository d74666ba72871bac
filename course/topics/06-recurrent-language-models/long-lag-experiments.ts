// What must be remembered over many steps: the adding problem, and the order of two letters.
import {
  classification, classificationSettings, experiment, regression, trainingSettings,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { GATES, LongLagNet } from './long-lag-net.ts'
import { addingProblem, LETTERS, ORDER_LENGTH, ORDERS, temporalOrder } from './made-sequences.ts'
import { addedNumbers, orderedLetters } from './published-lags.ts'

const base = trainingSettings.shape
const size = (most: number) => z.number().int().min(1).max(most)

/** Each sequence is seen once. */
const learning = {
  sampling: base.sampling.default('sequential'),
  batchSize: base.batchSize.default(32),
  optimizer: base.optimizer.default('adam'),
}
const cell = {
  cell: z.enum(['lstm', 'rnn']).default('lstm').describe('how a step changes the state'),
  hidden: size(4096).default(8).describe('numbers of a state'),
  gates: z.enum(GATES).default('all').describe('which gates an LSTM has; coupled: it reads as much as it forgets'),
  peepholes: z.boolean().default(false).describe('whether the gates of an LSTM see its cell'),
}
/** Gates are those of an LSTM. */
const idle = ({ cell: of }: { readonly cell: string }): Record<string, string> =>
  (of === 'lstm' ? {} : { gates: `cell=${of}`, peepholes: `cell=${of}` })

const sequences = size(10_000_000).describe('sequences made to learn from: steps x batchSize, to see each once')

export const addMarkedNumbers = experiment({
  name: 'adding-problem',
  title: 'Two numbers of a hundred',
  question: 'Can a net keep a number over dozens of steps that say nothing, and add another to it?',
  data: addingProblem,
  config: z.strictObject({
    ...base,
    ...learning,
    steps: base.steps.default(8000),
    evaluateEvery: base.evaluateEvery.default(500),
    learningRate: base.learningRate.default(0.005),
    schedule: base.schedule.default('step'),
    // 1,500 steps.
    scheduleEpochs: base.scheduleEpochs.default(3),
    scheduleFactor: base.scheduleFactor.default(0.5),
    // The original halves the squared error, and cuts its gradient at 1.
    clipNorm: base.clipNorm.default(2),
    ...cell,
    length: z.number().int().min(2).max(4096).default(100).describe('numbers of a sequence'),
    sequences: sequences.default(256_000),
  }),
  task: regression(),
  model: ({ hidden, ...options }) =>
    new LongLagNet({
      ...options, hidden, inputs: 2, outputs: 1, inputBias: 0,
      start: { input: 0.5 / Math.sqrt(2), state: 0.5 / Math.sqrt(hidden), output: 1 / Math.sqrt(hidden) },
    }),
  idle,
  published: addedNumbers,
})

export const tellOrder = experiment({
  name: 'temporal-order',
  title: 'Which came first',
  question: 'Can a net tell in which order two letters stood, with a dozen to three dozen others between them?',
  data: temporalOrder,
  config: z.strictObject({
    ...classificationSettings.shape,
    ...learning,
    steps: base.steps.default(1500),
    evaluateEvery: base.evaluateEvery.default(50),
    learningRate: base.learningRate.default(0.02),
    clipNorm: base.clipNorm.default(1),
    ...cell,
    hidden: cell.hidden.default(4),
    gates: cell.gates.default('no-forget'),
    length: z.literal(ORDER_LENGTH).default(ORDER_LENGTH).describe('letters of a sequence'),
    sequences: sequences.default(48_000),
  }),
  task: classification({ input: 'tokens' }),
  model: options =>
    new LongLagNet({
      ...options, inputs: LETTERS.length, outputs: ORDERS.length, inputBias: -1,
      start: { input: 0.1, state: 0.1, output: 0.1 },
    }),
  idle,
  published: orderedLetters,
})

export const longLagExperiments = [addMarkedNumbers, tellOrder]
