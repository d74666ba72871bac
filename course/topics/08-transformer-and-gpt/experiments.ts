// The experiments of Days 19-20.
import {
  classification,
  classificationSettings,
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
import { divisions, PRIMES } from './divisions.ts'
import { Gpt } from './gpt.ts'
import { gpt2Weights } from './gpt2-weights.ts'
import { GrokkingNet } from './grokking-net.ts'
import { LectureNet, RUNGS } from './lecture-net.ts'
import { MiniatureGpt } from './miniature-gpt.ts'
import { ModernGpt } from './modern-gpt.ts'
import { counts, grokked, kerasGpt, ladderRungs, nanoGpt } from './published.ts'
import { reviewStarts } from './review-starts.ts'

const base = trainingSettings.shape
const size = (most: number) => z.number().int().min(1).max(most)

/** How all learn, and how large they are: nanoGPT's settings for a computer without a GPU. */
const sizes = {
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
}
const gptSettings = {
  ...sizes,
  dropout: z.number().min(0).lt(1).default(0).describe('share of units dropped in training'),
  biases: z.boolean().default(false).describe('biases in linear layers and normalisations, as in GPT-2'),
  tied: z.boolean().default(false).describe('the table of tokens is also the last layer, as in GPT-2'),
  activation: z.enum(['gelu', 'gelu-tanh']).default('gelu').describe('gelu-tanh is how GPT-2 computes it'),
  start: z.enum(['pytorch', 'gpt-2']).default('pytorch').describe('how the first weights are drawn'),
}

/** Each head has as many of the numbers of a token. */
const headsDivide = ({ heads, width }: { readonly heads: number; readonly width: number }) => width % heads === 0
const HEADS = {
  path: ['heads'],
  error: ({ input }: { readonly input: unknown }) =>
    `must divide width=${(input as { readonly width: number }).width}`,
}

/** Rotary positions turn the numbers of a head in pairs, and sinusoids are pairs of a sine and a cosine. */
const positionsPair = ({ heads, width, positions = 'rotary' }: {
  readonly heads: number; readonly width: number; readonly positions?: string
}) => {
  if (positions === 'sinusoidal') return width % 2 === 0
  return positions !== 'rotary' || width % heads !== 0 || (width / heads) % 2 === 0
}
const PAIRS = {
  path: ['width'],
  error: ({ input }: { readonly input: unknown }) => {
    const { heads, positions = 'rotary' } = input as { readonly heads: number; readonly positions?: string }
    return positions === 'rotary'
      ? `must be a multiple of ${2 * heads}: rotary positions turn pairs of numbers of each head, heads=${heads}`
      : `must be even with positions=${positions}`
  },
}

const onShakespeare = {
  data: textStream({ texts: 'tiny-shakespeare', tokenizer: { alphabet: SHAKESPEARE } }),
  task: languageModel(),
}

export const gptOnShakespeare = experiment({
  ...onShakespeare,
  name: 'gpt-on-shakespeare',
  title: 'A small GPT on Shakespeare',
  question:
    'How well does a GPT of 0.8 million weights predict the next character of Shakespeare after minutes of training?',
  config: z.strictObject(gptSettings).refine(headsDivide, HEADS),
  published: [...nanoGpt, ...counts],
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
  // A file's tokens are those that it has.
  idle: ({ tokenizer }): Record<string, string> =>
    (['bpe', 'words'].includes(tokenizer) ? {} : { vocabularySize: `tokenizer=${tokenizer}` }),
  foreignWeights: gpt2Weights,
})

export const modernGptOnShakespeare = experiment({
  ...onShakespeare,
  name: 'modern-gpt-on-shakespeare',
  title: 'What each change since GPT-2 buys',
  question: 'GPT-2 was built in 2019. What does each change that came after it buy a small model, at equal compute?',
  config: z.strictObject({
    ...sizes,
    steps: base.steps.default(1000),
    evaluateEvery: base.evaluateEvery.default(500),
    learningRate: base.learningRate.default(0.003),
    layers: sizes.layers.default(3),
    width: sizes.width.default(64),
    biases: z.boolean().default(true).describe('biases in linear layers and layer norms'),
    norm: z.enum(['layer', 'rms']).default('layer').describe('layer norm, or the root of the mean square alone'),
    normPlace: z.enum(['before', 'after']).default('before').describe('before each part, or after its sum'),
    feedForward: z.enum(['gelu', 'swiglu']).default('gelu').describe('what works on each position by itself'),
    positions: z
      .enum(['learned', 'sinusoidal', 'rotary', 'alibi', 'none'])
      .default('learned')
      .describe('how the model knows where a token stands'),
    qkNorm: z.boolean().default(false).describe('normalise queries and keys before they meet'),
  }).refine(headsDivide, HEADS).refine(positionsPair, PAIRS),
  model: (settings, form) => new ModernGpt({ ...settings, vocabulary: vocabularyOf(form) }),
})

export const lectureOnShakespeare = experiment({
  ...onShakespeare,
  name: 'attention-on-shakespeare',
  title: 'Attention, rung by rung',
  question: 'From one head of attention to a transformer: what does each part add?',
  config: z.strictObject({
    ...sizes,
    steps: base.steps.default(5000),
    evaluateEvery: base.evaluateEvery.default(1000),
    batchSize: base.batchSize.default(32),
    learningRate: base.learningRate.default(0.001),
    schedule: base.schedule.default('constant'),
    weightDecay: base.weightDecay.default(0.01),
    decayNormsAndBiases: base.decayNormsAndBiases.default(true),
    clipNorm: base.clipNorm.default(0),
    blockSize: sizes.blockSize.default(8),
    width: sizes.width.default(32),
    rung: z.enum(RUNGS).default('blocks').describe('how much of a transformer it is'),
  }).refine(headsDivide, HEADS),
  // Its blocks are three.
  idle: ({ rung }) => ({ layers: `rung=${rung}`, ...(rung === 'one-head' && { heads: `rung=${rung}` }) }),
  published: ladderRungs,
  model: (settings, form) => new LectureNet({ ...settings, vocabulary: vocabularyOf(form) }),
})

const reviewTask = languageModel()

export const miniatureGptOnReviews = experiment({
  name: 'miniature-gpt-on-reviews',
  title: 'A miniature GPT on film reviews',
  question: 'One transformer block reads how 50,000 film reviews begin, once. How well does it guess the next word?',
  data: reviewStarts,
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(1),
    batchSize: base.batchSize.default(32),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.001),
    blockSize: size(1000).default(100).describe('words that are read of a review'),
    words: size(100_000).min(4).default(20_000).describe('rows of the table of words'),
    heads: sizes.heads.default(2),
    width: sizes.width.default(256),
    feedForward: size(16_384).default(256).describe('units of the layer at each position'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('share dropped of what is added to the residual stream'),
  }).refine(headsDivide, HEADS),
  // A text that begins with nothing begins with what fills up, and goes on so: reports show none.
  task: { ...reviewTask, views: { ...(reviewTask.views?.text && { text: reviewTask.views.text }) } },
  model: settings => new MiniatureGpt(settings),
  published: kerasGpt,
})

const learned = classificationSettings.shape

export const grokDivisions = experiment({
  name: 'grok-divisions',
  title: 'From knowing by heart to knowing',
  question: 'A transformer knows half of a table of divisions by heart. Does it ever find out what division is?',
  data: divisions,
  config: z.strictObject({
    ...learned,
    epochs: learned.epochs.default(150),
    batchSize: learned.batchSize.default(512),
    optimizer: learned.optimizer.default('adamW'),
    learningRate: learned.learningRate.default(0.001),
    beta2: learned.beta2.default(0.98),
    weightDecay: learned.weightDecay.default(1),
    // Ten steps.
    warmupEpochs: learned.warmupEpochs.default(1),
    prime: z.literal(PRIMES).default(97).describe('a prime number: the table holds x / y modulo it'),
    layers: sizes.layers.default(2),
    heads: sizes.heads.default(1),
    width: sizes.width.default(128),
    dropout: z.number().min(0).lt(1).default(0.2).describe('share of gates that are dropped in training'),
  }).refine(headsDivide, HEADS).refine(positionsPair, PAIRS),
  task: classification({ input: 'tokens' }),
  model: (settings, form) => new GrokkingNet({ ...settings, vocabulary: vocabularyOf(form) }),
  published: grokked,
})

export const experiments = [
  gptOnShakespeare, gptOnText, modernGptOnShakespeare, lectureOnShakespeare, miniatureGptOnReviews,
  grokDivisions,
]
