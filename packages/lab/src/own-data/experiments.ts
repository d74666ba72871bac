// The experiments on a user's own data: pictures in folders by class, tables of texts with labels, tables of numbers
// and categories.
import type { Transform } from '@ddlf/data'
import { z } from 'zod'
import { ownData, type DataSource } from '../data-source/data-source.ts'
import { experiment, type Experiment } from '../experiment/experiment.ts'
import { classification, classificationSettings } from '../tasks/classification/classification.ts'
import { NaiveBayes, naiveBayes } from '../tasks/counting/naive-bayes.ts'
import { tabularTask } from '../tasks/tabular.ts'
import { columnEncoding, encodedWidth, otherPlaces, type ColumnEncoding } from './column-encoding.ts'
import { hashingInWords, hashText, type HashingOptions } from './hashed-tokens.ts'
import { ownSettings, statedName, tableSettings } from './settings.ts'
import { perceptron, silentPerceptron, smallCnn, TokenBag } from './models.ts'

const share = z.number().min(0).lt(1)
const units = z.number().int().min(1).max(100_000)

/** A folder that holds one folder of pictures for each class. */
export const imageFolder = experiment({
  name: 'image-folder',
  title: 'Your own pictures by class',
  question: 'Can a small network tell the classes of your own pictures apart?',
  data: ownData(
    'image-folder',
    'your folder of images',
    ({ grey, size }: { readonly grey: boolean; readonly size: number }) => ({
      images: { dtype: 'uint8', shape: [grey ? 1 : 3, size, size] },
      labels: { dtype: 'int32', shape: [] },
    }),
  ),
  config: z.strictObject({
    ...classificationSettings.shape,
    ...ownSettings,
    epochs: classificationSettings.shape.epochs.default(20),
    batchSize: classificationSettings.shape.batchSize.default(32),
    optimizer: classificationSettings.shape.optimizer.default('adamW'),
    learningRate: classificationSettings.shape.learningRate.default(0.002),
    weightDecay: classificationSettings.shape.weightDecay.default(0.01),
    schedule: classificationSettings.shape.schedule.default('oneCycle'),
    size: z.number().int().min(4).max(512).default(32).describe('height and width that pictures are resized to'),
    fit: z
      .enum(['crop', 'pad', 'stretch'])
      .default('crop')
      .describe('of pictures of other proportions: keep the middle, add black bars, or distort'),
    skipDamaged: z
      .boolean()
      .default(false)
      .describe('leave out pictures that cannot be decoded; the same as --skip-damaged'),
    grey: z.boolean().default(false).describe('grey levels instead of colour'),
    model: z.enum(['cnn', 'mlp']).default('cnn').describe('small convolutional net, or perceptron'),
    width: z.number().int().min(1).max(1024).default(16).describe('channels of the first block of the cnn'),
    hidden: z.array(units).max(20).default([128]).describe('units in each hidden layer of the mlp'),
    dropout: share.default(0).describe('share of units dropped before the last layer (mlp: in each hidden layer)'),
    flip: z.boolean().default(false).describe('mirror training pictures at random'),
    shift: z.number().int().min(0).max(64).default(0).describe('move training pictures by up to this many pixels'),
  }),
  earlier: { fit: 'stretch' },
  // To about -2 .. 2, as networks like their inputs.
  task: classification({ mean: [0.5], standardDeviation: [0.25] }),
  model({ model, grey, size, classes, width, hidden, dropout }) {
    const channels = grey ? 1 : 3
    return model === 'cnn'
      ? smallCnn(channels, size, classes.length, width, dropout)
      : perceptron(channels * size * size, hidden, classes.length, dropout)
  },
  transforms: ({ flip, shift }): readonly Transform[] => [
    ...(shift > 0 ? [{ kind: 'randomCrop', padding: shift } as const] : []),
    ...(flip ? [{ kind: 'horizontalFlip' } as const] : []),
  ],
})

/** Settings of everything that learns from a table of texts, each as hashed words. */
const textTableSettings = {
  ...ownSettings,
  text: statedName.default('text').describe('column of the text'),
  label: statedName.default('label').describe('column of the label'),
  ...tableSettings,
  ngrams: z.number().int().min(1).max(5).default(2).describe('longest run of words that is a token of its own'),
  buckets: z.number().int().min(10).max(5_000_000).default(16_384).describe('numbers that tokens are hashed to'),
  maxTokens: z.number().int().min(1).max(10_000).default(256).describe('tokens read of each text'),
}

const ownTexts: DataSource<HashingOptions> = {
  ...ownData('text-table', 'your table of texts', ({ maxTokens }: HashingOptions) => ({
    tokens: { dtype: 'int32', shape: [maxTokens] }, labels: { dtype: 'int32', shape: [] },
  })),
  textForm: settings =>
    Promise.resolve({
      read: text => hashText(text, settings), counts: 'words and word groups', told: hashingInWords(settings),
    }),
}

/** A CSV or TSV with a text and a label in each row. */
export const textTable = experiment({
  name: 'text-table',
  title: 'Your own texts by label',
  question: 'Can a bag of words and word pairs tell the labels of your own texts apart?',
  data: ownTexts,
  config: z.strictObject({
    ...classificationSettings.shape,
    ...textTableSettings,
    epochs: classificationSettings.shape.epochs.default(10),
    batchSize: classificationSettings.shape.batchSize.default(32),
    optimizer: classificationSettings.shape.optimizer.default('adam'),
    learningRate: classificationSettings.shape.learningRate.default(0.005),
    dimensions: z.number().int().min(1).max(4096).default(32).describe('length of the vector of a token'),
    hidden: z.array(units).max(20).default([]).describe('units in each hidden layer; empty: linear, as fastText'),
    dropout: share.default(0).describe('share of hidden units dropped in training'),
  }),
  task: classification({ input: 'tokens' }),
  model: ({ buckets, dimensions, hidden, classes, dropout }) =>
    new TokenBag(buckets, dimensions, hidden, classes.length, dropout),
})

/** The same texts, by counting: what any other model has to beat. */
export const naiveBayesOnText = experiment({
  name: 'naive-bayes',
  title: 'Your own texts by label, by counting words',
  question: 'How far does counting the words of each label get on your own texts?',
  data: ownTexts,
  config: z.strictObject({
    ...classificationSettings.shape,
    ...textTableSettings,
    ngrams: textTableSettings.ngrams.default(1),
    smoothing: z.number().positive().max(1000).default(1).describe('added to the count of every word in every label'),
  }),
  task: naiveBayes(),
  model: ({ buckets, classes }) => new NaiveBayes(buckets, classes.length),
})

/** A CSV or TSV of numbers and categories, one column of which is to be predicted. */
export const tabular = experiment({
  name: 'tabular',
  title: 'Your own table of numbers and categories',
  question: 'How well do the other columns of your own table predict one of them?',
  data: ownData(
    'tabular',
    'your table',
    ({ encoding, kind }: { readonly encoding: readonly ColumnEncoding[]; readonly kind: string }) => ({
      features: { dtype: 'float32', shape: [Math.max(1, encodedWidth(encoding))] },
      target: { dtype: kind === 'regression' ? 'float32' : 'int32', shape: [] },
    }),
  ),
  config: z.strictObject({
    ...classificationSettings.shape,
    ...ownSettings,
    ...tableSettings,
    epochs: classificationSettings.shape.epochs.default(50),
    batchSize: classificationSettings.shape.batchSize.default(32),
    optimizer: classificationSettings.shape.optimizer.default('adamW'),
    learningRate: classificationSettings.shape.learningRate.default(0.003),
    weightDecay: classificationSettings.shape.weightDecay.default(0.01),
    schedule: classificationSettings.shape.schedule.default('oneCycle'),
    target: statedName.default('').describe('column to predict'),
    kind: z
      .enum(['auto', 'classification', 'regression'])
      .default('auto')
      .describe('classes or a number; auto: a number where 80 % of the target\'s values are numbers, and they have ' +
        'fractions or are more than 20 different ones'),
    features: z.array(statedName).default([]).describe('columns to predict it from; empty: all others'),
    categorical: z.array(statedName).default([]).describe('columns whose numbers are names of categories'),
    maxCategories: z
      .number()
      .int()
      .min(2)
      .max(10_000)
      .default(50)
      .describe('most categories of a column; the others count as one'),
    hidden: z.array(units).max(20).default([64, 64]).describe('units in each hidden layer; empty: linear'),
    dropout: share.default(0).describe('share of hidden units dropped in training'),
    encoding: z.array(columnEncoding).default([]).describe('how columns become numbers; found in the training part'),
    targetMean: z.number().default(0).describe('mean of the number to predict; found in the training part'),
    targetScale: z
      .number()
      .positive()
      .default(1)
      .describe('standard deviation of the number to predict; found in the training part'),
  }),
  task: tabularTask,
  model: ({ encoding, kind, classes, hidden, dropout }) =>
    silentPerceptron(
      Math.max(1, encodedWidth(encoding)),
      hidden,
      kind === 'regression' ? 1 : Math.max(2, classes.length),
      dropout,
      otherPlaces(encoding),
    ),
})

/** The experiments on own data. */
export const ownDataExperiments: readonly Experiment[] = [imageFolder, textTable, naiveBayesOnText, tabular]
