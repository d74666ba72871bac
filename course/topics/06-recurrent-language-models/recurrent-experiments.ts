// Recurrent nets on tiny Shakespeare.
import {
  experiment, languageModel, textStream, trainingSettings, vocabularyOf, windowSettings,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { SHAKESPEARE } from './alphabets.ts'
import { CharRnn } from './char-rnn.ts'

const base = trainingSettings.shape
const size = (most: number) => z.number().int().min(1).max(most)

const charRnnSettings = {
  ...base,
  ...windowSettings,
  steps: base.steps.default(6000),
  evaluateEvery: base.evaluateEvery.default(500),
  sampling: base.sampling.default('replacement'),
  batchSize: base.batchSize.default(32),
  optimizer: base.optimizer.default('adam'),
  learningRate: base.learningRate.default(0.003),
  schedule: base.schedule.default('cosine'),
  clipNorm: base.clipNorm.default(1),
  blockSize: size(4096).default(128).describe('letters of a window: the state is empty where one begins'),
  cell: z.enum(['rnn', 'gru', 'lstm']).default('lstm').describe('how a letter changes the state'),
  embedding: size(1024).default(64).describe('numbers that stand for a letter'),
  hidden: size(4096).default(256).describe('numbers of a state'),
  layers: size(8).default(1).describe('states above one another'),
  dropout: z.number().min(0).lt(1).default(0.2).describe('share of units dropped in training'),
  rotation: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe('factor of the first recurrent weights, a rotation then; 0: uniform numbers'),
  truncate: z
    .number()
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .describe('steps that a gradient goes back before it is cut; 0: to the beginning of the window'),
}

const onShakespeare = {
  data: textStream({ texts: 'tiny-shakespeare', tokenizer: { alphabet: SHAKESPEARE } }),
  task: languageModel(),
}

export const charRnnOnShakespeare = experiment({
  ...onShakespeare,
  name: 'char-rnn-on-shakespeare',
  title: 'Recurrent nets on letters of Shakespeare',
  question: 'What do the gates of GRU and LSTM buy, at equal width and equal training?',
  config: z.strictObject(charRnnSettings),
  model: (settings, form) => new CharRnn({ ...settings, vocabulary: vocabularyOf(form) }),
})

export const truncatedOnShakespeare = experiment({
  ...onShakespeare,
  name: 'truncated-on-shakespeare',
  title: 'A gradient that is cut',
  question: 'How far back must the gradient go?',
  config: z.strictObject({
    ...charRnnSettings,
    steps: charRnnSettings.steps.default(3000),
    hidden: charRnnSettings.hidden.default(128),
    dropout: charRnnSettings.dropout.default(0),
  }),
  model: (settings, form) => new CharRnn({ ...settings, vocabulary: vocabularyOf(form) }),
})

export const untrainedOnShakespeare = experiment({
  ...onShakespeare,
  name: 'untrained-on-shakespeare',
  title: 'How far a gradient comes before anything is learned',
  question: 'Over how many steps does a gradient live, and what decides whether it vanishes or explodes?',
  config: z.strictObject({
    ...charRnnSettings,
    steps: charRnnSettings.steps.default(1),
    learningRate: charRnnSettings.learningRate.default(1e-7),
    cell: charRnnSettings.cell.default('rnn'),
    dropout: charRnnSettings.dropout.default(0),
  }),
  model: (settings, form) => new CharRnn({ ...settings, vocabulary: vocabularyOf(form) }),
})

export const recurrentExperiments = [charRnnOnShakespeare, truncatedOnShakespeare, untrainedOnShakespeare]
