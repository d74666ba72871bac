// The experiments of Days 13-14: ways to read a text, each on any of the published sets.
import {
  classification, classificationSettings, experiment, NaiveBayes, naiveBayes, NbSvm, nbSvm, publishedTexts,
  textSettings, vectorsByWord, vocabularyOf, type DataForm,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { skipGramOnReviews } from '../04-words-as-vectors/experiments.ts'
import { FastText } from './fast-text.ts'
import { published } from './published.ts'
import { TextCnn } from './text-cnn.ts'
import { StridesThenStrongest, WindowsThenLstm } from './text-keras.ts'
import { TextRecurrent } from './text-recurrent.ts'
import { TextTransformer } from './text-transformer.ts'

const sizes = ({ classes = [], ...form }: DataForm) => [vocabularyOf(form), classes.length] as const
const smoothing = z.number().positive().max(1000).default(1).describe('added to the count of every token in each class')
const share = z.number().min(0).lt(1)
const width = z.number().int().min(1).max(4096)

const counting = {
  data: publishedTexts(),
  config: z.strictObject({ ...classificationSettings.shape, ...textSettings, smoothing }),
  task: naiveBayes(),
  model: (_: unknown, form: DataForm) => new NaiveBayes(...sizes(form)),
} as const

export const naiveBayesOnMails = experiment({
  ...counting,
  name: 'naive-bayes-on-mails',
  title: 'Words of mails, counted',
  question: 'Can a filter that counts words tell wanted mails from others, and what does it read?',
})

/** Sentences of reviews, where nothing else is said. */
const onTexts = { ...textSettings, texts: textSettings.texts.default('mr') }

export const naiveBayesOnTexts = experiment({
  ...counting,
  name: 'naive-bayes-on-texts',
  title: 'Words, counted',
  question: 'How far does it get to count the words of each class, and nothing else?',
  config: z.strictObject({ ...counting.config.shape, ...onTexts }),
  published: published.naiveBayes,
})

export const nbSvmOnTexts = experiment({
  name: 'nb-svm-on-texts',
  title: 'Words, counted and weighed',
  question: 'What is gained where a support vector machine decides how far to trust the counts?',
  data: publishedTexts(),
  config: z.strictObject({
    ...classificationSettings.shape,
    ...onTexts,
    repeats: textSettings.repeats.default('once'),
    smoothing,
    loss: z.enum(['squaredHinge', 'logistic']).default('squaredHinge')
      .describe('of the largest margin, or of the largest likelihood'),
    cost: z.number().positive().max(1e6).default(1).describe('of a unit of the loss'),
    interpolation: z.number().min(0).max(1).default(0.25).describe('share of the own weights; the rest is their mean'),
    logOdds: z.boolean().default(true).describe('weigh tokens by their log-odds; false: a plain linear machine'),
    bias: z.boolean().default(false).describe('whether the plane may miss the origin; the published code has none'),
    tolerance: z.number().positive().max(10).default(0.1).describe('difference of gradients at which it is done'),
  }),
  task: nbSvm(),
  model: (_, form) => new NbSvm(...sizes(form)),
  published: published.nbSvm,
})

/** What nets have in common: Adam, small batches, words that stand but once are no word of their own. */
const net = {
  ...classificationSettings.shape,
  ...onTexts,
  optimizer: classificationSettings.shape.optimizer.default('adam'),
  learningRate: classificationSettings.shape.learningRate.default(0.001),
  batchSize: classificationSettings.shape.batchSize.default(50),
  epochs: classificationSettings.shape.epochs.default(5),
  maxTokens: textSettings.maxTokens.default(400),
  dimensions: width.default(50).describe("numbers of a word's vector"),
  dropout: share.default(0.5).describe('share of what is handed on that is dropped in training'),
}

export const fastTextOnTexts = experiment({
  name: 'fasttext-on-texts',
  title: 'A bag of vectors',
  question: 'What does a learned vector know of a word that its count does not?',
  data: publishedTexts(),
  config: z.strictObject(net).omit({ dropout: true }),
  task: classification({ input: 'tokens' }),
  model({ dimensions }, form) {
    const [tokens, classes] = sizes(form)
    return new FastText(tokens, dimensions, classes)
  },
  published: published.fastText,
})

export const cnnOnTexts = experiment({
  name: 'cnn-on-texts',
  title: 'Windows over words',
  question: 'What is there in the order of a few words, beside the words?',
  data: publishedTexts({ others: true }),
  config: z.strictObject({
    ...net,
    epochs: net.epochs.default(8),
    dimensions: net.dimensions.default(300),
    widths: z.array(width.max(64)).min(1).max(10).default([3, 4, 5]).describe('words that filters look at'),
    filters: width.default(100).describe('filters of each width'),
    hidden: z.number().int().min(0).max(4096).default(0).describe('units between filters and logits; 0: none'),
    vectors: z
      .enum(['random', 'normal', 'static', 'trained'])
      .default('random')
      .describe(
        "what words' vectors begin as: random, up to 0.25, or normal; those of a run of skip-gram-on-reviews with as " +
        'many dimensions, which stay as they are (static), or are trained on',
      ),
    vectorSeed: net.seed.describe('seed of that run'),
    filterScale: z
      .number()
      .min(0)
      .max(10)
      .default(0)
      .describe('filters and logits begin between minus and plus this; 0: as PyTorch begins them'),
    lastNorm: z.number().min(0).default(0).describe("largest norm of each logit's weights; 0: no limit"),
  }),
  task: classification({ input: 'tokens' }),
  model: (settings, form) => new TextCnn(...sizes(form), { ...settings, normalVectors: settings.vectors === 'normal' }),
  startsFrom: {
    experiment: skipGramOnReviews,
    settings: ({ vectors, vectorSeed, dimensions }) =>
      vectors === 'static' || vectors === 'trained' ? { seed: vectorSeed, dimensions } : undefined,
    weights: vectorsByWord({ into: 'words.weight', others: true }),
  },
  idle: ({ vectors }): Readonly<Record<string, string>> =>
    vectors === 'static' || vectors === 'trained' ? {} : { vectorSeed: `vectors=${vectors}` },
  recipe: ({ vectors, lastNorm }) => ({
    ...(vectors === 'static' && { trains: name => name !== 'words.weight' }),
    ...(lastNorm > 0 && { groups: [{ parameters: ['logits.weight'], maxNorm: lastNorm }] }),
  }),
  published: published.cnn,
})

/** The strides of both layers need so many words. */
const LEAST_WORDS = 25

export const kerasOnTexts = experiment({
  name: 'keras-nets-on-texts',
  title: "Windows of words, by two of Keras' examples",
  question: 'What is gained where windows are read in order, or by windows of windows?',
  data: publishedTexts({ others: true }),
  config: z.strictObject({
    ...net,
    epochs: net.epochs.default(2),
    maxTokens: z.number().int().min(LEAST_WORDS).max(100_000).default(100).describe('words that are read of a text'),
    dimensions: net.dimensions.default(128),
    net: z.enum(['lstm', 'strides']).default('lstm').describe('an LSTM over windows, or windows in strides of three'),
    filters: width.default(64).describe('filters of a layer'),
    units: width.default(70).describe('numbers of the state, or units of the layer before the logits'),
    dropout: net.dropout.default(0.25),
  }),
  task: classification({ input: 'tokens' }),
  model: (settings, form) =>
    settings.net === 'lstm'
      ? new WindowsThenLstm(...sizes(form), settings)
      : new StridesThenStrongest(...sizes(form), settings, settings.maxTokens),
  published: published.keras,
})

export const recurrentOnTexts = experiment({
  name: 'lstm-on-texts',
  title: 'Word after word',
  question: 'Does it help to read a text from its beginning to its end?',
  data: publishedTexts({ others: true }),
  config: z.strictObject({
    ...net,
    epochs: net.epochs.default(6),
    dimensions: net.dimensions.default(128),
    cell: z.enum(['lstm', 'gru']).default('lstm').describe('what remembers'),
    units: width.default(64).describe('numbers of a state'),
    layers: z.number().int().min(1).max(8).default(1).describe('layers of states'),
    bidirectional: z.boolean().default(true).describe('a second state reads from the end'),
    clipNorm: net.clipNorm.default(1),
  }),
  task: classification({ input: 'tokens' }),
  model: (settings, form) => new TextRecurrent(...sizes(form), settings),
  published: published.recurrent,
})

export const transformerOnTexts = experiment({
  name: 'transformer-on-texts',
  title: 'Every word asks every other',
  question: 'Does it help that any word can look at any other?',
  data: publishedTexts({ others: true }),
  config: z.strictObject({
    ...net,
    epochs: net.epochs.default(6),
    dimensions: net.dimensions.default(32),
    heads: width.max(64).default(2).describe('heads of attention; they divide dimensions'),
    layers: z.number().int().min(1).max(12).default(1).describe('blocks of attention and perceptron'),
    dropout: share.default(0.1).describe('share of what is handed on that is dropped in training'),
  }).refine(({ heads, dimensions }) => dimensions % heads === 0, {
    path: ['heads'],
    error: ({ input }) => `must divide dimensions=${(input as { readonly dimensions: number }).dimensions}`,
  }),
  task: classification({ input: 'tokens' }),
  model: (settings, form) => new TextTransformer(...sizes(form), settings),
  published: published.transformer,
})

export const experiments = [
  naiveBayesOnMails, naiveBayesOnTexts, nbSvmOnTexts, fastTextOnTexts, cnnOnTexts, kerasOnTexts, recurrentOnTexts,
  transformerOnTexts,
]
