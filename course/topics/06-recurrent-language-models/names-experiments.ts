// The ladder of makemore: nets that guess the next letter of a name from a few letters before it.
import {
  contextModel, experiment, languageModel, textStream, trainingSettings, vocabularyOf,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { NAMES } from './alphabets.ts'
import { BigramNet } from './bigram-net.ts'
import { ContextNet } from './context-net.ts'
import { NameTransformer } from './name-transformer.ts'
import { contextNets, learnedBigrams, nameTransformers, waveNets } from './published.ts'
import { isTree, TREE_SIZES, WaveNet } from './wave-net.ts'
import { BEHIND_THE_END, wholeNames } from './whole-names.ts'

const base = trainingSettings.shape
const size = (most: number) => z.number().int().min(1).max(most)
const blockSize = size(64).default(3).describe('letters that the next one is guessed from')

/** How all rungs learn: makemore's 200,000 steps of plain descent, the rate a tenth in the second half. */
const makemore = {
  ...base,
  steps: base.steps.default(200_000),
  evaluateEvery: base.evaluateEvery.default(10_000),
  sampling: base.sampling.default('replacement'),
  batchSize: base.batchSize.default(32),
  momentum: base.momentum.default(0),
  schedule: base.schedule.default('step'),
  blockSize,
  embedding: size(1024).default(10).describe('numbers that stand for a letter'),
  hidden: size(8192).default(200).describe('units of a hidden layer'),
}

const contexts = { tokenizer: { alphabet: NAMES }, separator: '.', contexts: true }
const names = textStream({ ...contexts, texts: 'names', splits: { train: 'train', validation: 'validation' } })

export const bigramNetOnAllNames = experiment({
  name: 'bigram-net-on-all-names',
  title: 'Pairs of letters, learned by gradient',
  question: 'Does gradient descent find the table that counting writes down at once?',
  data: textStream({ ...contexts, texts: 'names', splits: { train: 'all', validation: 'all' } }),
  config: z.strictObject({
    ...base,
    steps: base.steps.default(1000),
    evaluateEvery: base.evaluateEvery.default(100),
    sampling: base.sampling.default('sequential'),
    batchSize: base.batchSize.default(228_146),
    learningRate: base.learningRate.default(50),
    momentum: base.momentum.default(0),
    blockSize: size(1).default(1).describe('letters that the next one is guessed from'),
  }),
  task: contextModel(),
  model: (_, form) => new BigramNet(vocabularyOf(form)),
  published: learnedBigrams,
})

const contextNetSettings = {
  ...makemore,
  start: z
    .enum(['plain', 'small-logits', 'unsaturated', 'kaiming'])
    .default('kaiming')
    .describe('first weights: normal; the last layer small; the hidden layer smaller; by the number of its inputs'),
  batchNorm: z.boolean().default(false).describe('normalise what the hidden layer weighs over the batch'),
  normMomentum: z.number().min(0).max(1).default(0.1)
    .describe('the share of its running mean that batch norm forgets at each step'),
}

/** Batch norm compares the examples of each part that a batch is computed in. */
const areCompared = (settings: {
  readonly batchNorm: boolean; readonly batchSize: number; readonly accumulate: number
}) => !settings.batchNorm || settings.batchSize > settings.accumulate
const COMPARED = { path: ['batchSize'], error: 'batchNorm=true compares examples: it must be above accumulate' }
const idle = ({ batchNorm }: { readonly batchNorm: boolean }): Record<string, string> =>
  (batchNorm ? {} : { normMomentum: 'batchNorm=false' })

export const contextNetOnNames = experiment({
  name: 'context-net-on-names',
  title: 'Three letters, one hidden layer',
  question: 'What does it change how the weights begin, and what does batch normalisation change?',
  data: names,
  config: z.strictObject(contextNetSettings).refine(areCompared, COMPARED),
  task: contextModel(),
  model: (settings, form) => new ContextNet({ ...settings, vocabulary: vocabularyOf(form) }),
  idle,
  published: contextNets,
})

export const contextNetOnFirstNames = experiment({
  name: 'context-net-on-first-names',
  title: 'Names in a minute',
  question: 'What names does a small net invent that learns from 6,722 of them for a minute?',
  data: textStream({ ...contexts, texts: 'first-names' }),
  config: z.strictObject({
    ...contextNetSettings,
    steps: base.steps.default(20_000),
    evaluateEvery: base.evaluateEvery.default(2000),
  }).refine(areCompared, COMPARED),
  task: contextModel(),
  model: (settings, form) => new ContextNet({ ...settings, vocabulary: vocabularyOf(form) }),
  idle,
})

export const waveNetOnNames = experiment({
  name: 'wave-net-on-names',
  title: 'Eight letters, read in pairs',
  question: 'Does it pay to read a longer context step by step instead of all at once?',
  data: names,
  config: z.strictObject({
    ...makemore,
    scheduleEpochs: base.scheduleEpochs.default(15),
    blockSize: size(64)
      .refine(isTree, `${TREE_SIZES}, as neighbours are joined until one is left`)
      .default(8)
      .describe('letters that the next one is guessed from: a power of 2'),
    hidden: makemore.hidden.default(68),
    normPerPlace: z.boolean().default(false).describe('normalise each place of a level by itself'),
  }).refine(settings => areCompared({ ...settings, batchNorm: true }), {
    path: ['batchSize'], error: 'batch norm compares examples: it must be above accumulate',
  }),
  task: contextModel(),
  model: (settings, form) => new WaveNet({ ...settings, vocabulary: vocabularyOf(form) }),
  published: waveNets,
})

const headsDivide = ({ heads, width }: { readonly heads: number; readonly width: number }) => width % heads === 0
const HEADS = {
  path: ['heads'],
  error: ({ input }: { readonly input: unknown }) =>
    `must divide width=${(input as { readonly width: number }).width}`,
}

const wholeName = languageModel({ ignoreIndex: BEHIND_THE_END })

export const transformerOnNames = experiment({
  name: 'transformer-on-names',
  title: 'A name at a time',
  question: 'What does a transformer gain that sees all letters of a name, and not the last three or eight?',
  data: wholeNames,
  config: z.strictObject({
    ...base,
    // How many is not published; the best of its evaluations is asked for.
    steps: base.steps.default(40_000),
    evaluateEvery: base.evaluateEvery.default(500),
    sampling: base.sampling.default('replacement'),
    batchSize: base.batchSize.default(32),
    optimizer: base.optimizer.default('adamW'),
    learningRate: base.learningRate.default(0.0005),
    beta2: base.beta2.default(0.99),
    weightDecay: base.weightDecay.default(0.01),
    clipNorm: base.clipNorm.default(1),
    blockSize: size(64).min(16).default(16).describe('letters of the longest name, and one that begins it'),
    layers: size(48).default(4).describe('transformer layers'),
    heads: size(64).default(4).describe('attention heads; they divide the width'),
    width: size(4096).default(64).describe('numbers that stand for a letter between the layers'),
    dropout: z.number().min(0).lt(1).default(0).describe('share dropped in training; of attention, too'),
    activation: z.enum(['gelu', 'gelu-tanh']).default('gelu-tanh').describe('gelu-tanh is how GPT-2 computes it'),
  }).refine(headsDivide, HEADS),
  // A text ends with its name (--stop .): what stands behind the end was never asked for, and is not shown in reports.
  task: { ...wholeName, views: { ...(wholeName.views?.text && { text: wholeName.views.text }) } },
  model: (settings, form) => new NameTransformer({ ...settings, vocabulary: vocabularyOf(form) }),
  published: nameTransformers,
})

export const namesExperiments = [
  bigramNetOnAllNames, contextNetOnNames, contextNetOnFirstNames, waveNetOnNames, transformerOnNames,
]
