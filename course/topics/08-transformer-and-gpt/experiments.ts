// The experiments of Days 19-20.
import {
  experiment,
  languageModel,
  ownData,
  ownTextSettings,
  textStream,
  trainingSettings,
  vocabularyOf,
  windowSettings,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { SHAKESPEARE } from '../06-recurrent-language-models/alphabets.ts'
import { Gpt } from './gpt.ts'
import { gpt2Weights } from './gpt2-weights.ts'

const base = trainingSettings.shape
const size = (most: number) => z.number().int().min(1).max(most)

/** How both learn, and how large both are: nanoGPT's settings for a computer without a GPU. */
const gptSettings = {
  ...base,
  steps: base.steps.default(2000),
  sampling: base.sampling.default('replacement'),
  batchSize: base.batchSize.default(12),
  optimizer: base.optimizer.default('adamW'),
  learningRate: base.learningRate.default(0.0015),
  schedule: base.schedule.default('cosine'),
  weightDecay: base.weightDecay.default(0.1),
  decayNormsAndBiases: base.decayNormsAndBiases.default(false),
  clipNorm: base.clipNorm.default(1),
  ...windowSettings,
  blockSize: size(4096).default(64).describe('tokens that the model sees at once'),
  layers: size(48).default(4).describe('transformer layers'),
  heads: size(64).default(4).describe('attention heads; they divide the width'),
  width: size(4096).default(128).describe('numbers that stand for a token between the layers'),
  dropout: z.number().min(0).lt(1).default(0).describe('share of units dropped in training'),
  biases: z.boolean().default(false).describe('biases in linear layers and normalisations, as in GPT-2'),
  tied: z.boolean().default(false).describe('the table of tokens is also the last layer, as in GPT-2'),
  activation: z.enum(['gelu', 'gelu-tanh']).default('gelu').describe('gelu-tanh is how GPT-2 computes it'),
}

/** Each head has as many of the numbers of a token. */
const headsDivide = ({ heads, width }: { readonly heads: number; readonly width: number }) => width % heads === 0
const HEADS = {
  path: ['heads'],
  error: ({ input }: { readonly input: unknown }) =>
    `must divide width=${(input as { readonly width: number }).width}`,
}

export const gptOnShakespeare = experiment({
  name: 'gpt-on-shakespeare',
  title: 'A small GPT on Shakespeare',
  question:
    'How well does a GPT of 0.8 million weights predict the next character of Shakespeare after minutes of training?',
  data: textStream({ texts: 'tiny-shakespeare', tokenizer: { alphabet: SHAKESPEARE } }),
  config: z.strictObject(gptSettings).refine(headsDivide, HEADS),
  task: languageModel(),
  model: (settings, form) => new Gpt({ ...settings, vocabulary: vocabularyOf(form) }),
  foreignWeights: gpt2Weights,
})

/** A text, or a folder of them, that the user brings. */
export const gptOnText = experiment({
  name: 'gpt-on-text',
  title: 'A small GPT on your own text',
  question: 'How well does a small GPT predict the next token of your own text?',
  data: ownData('texts', 'your text', ({ blockSize }: { readonly blockSize: number }) => {
    const column = { dtype: 'int32', shape: [blockSize] } as const
    return { tokens: column, targets: column }
  }),
  config: z.strictObject({ ...gptSettings, ...ownTextSettings, blockSize: gptSettings.blockSize })
    .refine(headsDivide, HEADS),
  task: languageModel(),
  model: (settings, form) => new Gpt({ ...settings, vocabulary: vocabularyOf(form) }),
  foreignWeights: gpt2Weights,
})

export const experiments = [gptOnShakespeare, gptOnText]
