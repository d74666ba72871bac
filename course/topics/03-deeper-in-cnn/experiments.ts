// The experiments of Days 7-10.
import { columnOf, normalize } from '@ddlf/data'
import { classification, experiment, publishedSet, classificationSettings } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { cifarIdle, cifarScaling, cifarSettings, cifarTransforms } from '../02-intro-level-cnn/experiments.ts'
import { fastNetRecipe } from './fast-net-recipe.ts'
import { FastNet } from './fast-net.ts'
import { GoogLeNet } from './googlenet.ts'
import { cifar100Published, fastNetPublished, resnetPublished, wideResnetPublished } from './published.ts'
import { highwayOnMnist } from './highway-experiment.ts'
import { CifarResNet } from './resnet-cifar.ts'
import { resnetRecipe } from './resnet-recipe.ts'
import { ResNet } from './resnet.ts'

const base = classificationSettings.shape

const resnetSettings = {
  ...base,
  epochs: base.epochs.default(45),
  batchSize: base.batchSize.default(128),
  learningRate: base.learningRate.default(0.1),
  schedule: z
    .enum([...base.schedule.unwrap().options, 'paper'])
    .default('oneCycle')
    .describe('how the learning rate changes; paper: divided by 10 after half and after three quarters of the steps'),
  weightDecay: base.weightDecay.default(5e-4),
  nesterov: base.nesterov.default(true),
  depth: z
    .union([z.literal(20), z.literal(32), z.literal(44), z.literal(56), z.literal(110)])
    .default(20)
    .describe('layers: 20, 32, 44, 56 or 110'),
  residual: z.boolean().default(true).describe('shortcuts; off: the plain network'),
  batchNorm: z.boolean().default(true).describe('normalise after each convolution'),
  ...cifarSettings,
} as const

/** The residual networks of He et al. for CIFAR-10, and their plain counterparts. */
export const resnetOnCifar10 = experiment({
  name: 'resnet-on-cifar-10',
  title: 'ResNet-20 and plain networks on CIFAR-10',
  question: 'Why does a plain network get worse with depth, and what do shortcuts and batch norm change?',
  data: publishedSet('cifar-10'),
  config: z.strictObject(resnetSettings),
  task: classification(cifarScaling),
  model: ({ depth, residual, batchNorm }) => new CifarResNet(10, { depth, residual, batchNorm }),
  recipe: resnetRecipe,
  transforms: cifarTransforms,
  idle: cifarIdle,
  published: resnetPublished,
})

/** Depth with and without shortcuts, on a schedule of minutes. */
export const depthOnCifar10 = experiment({
  name: 'depth-on-cifar-10',
  title: 'Degradation in minutes',
  question: 'Does a plain network of 56 layers already learn worse than one of 20 within the first hundred steps, ' +
    'and do shortcuts prevent it?',
  data: publishedSet('cifar-10'),
  config: z.strictObject({
    ...resnetSettings,
    epochs: base.epochs.default(2),
    trainExamples: base.trainExamples.default(6400),
  }),
  task: classification(cifarScaling),
  model: ({ depth, residual, batchNorm }) => new CifarResNet(10, { depth, residual, batchNorm }),
  recipe: resnetRecipe,
  transforms: cifarTransforms,
  idle: cifarIdle,
  published: resnetPublished,
})

/** Mean and standard deviation of CIFAR-100's training pixels, per channel, after division by 255. */
const cifar100Scaling = { mean: [0.5071, 0.4865, 0.4409], standardDeviation: [0.2673, 0.2564, 0.2762] } as const

const sets = {
  'cifar-10': { title: 'CIFAR-10', classes: 10, scaling: cifarScaling, published: wideResnetPublished },
  'cifar-100': { title: 'CIFAR-100', classes: 100, scaling: cifar100Scaling, published: cifar100Published },
} as const

const longSettings = {
  ...base,
  epochs: base.epochs.default(30),
  batchSize: base.batchSize.default(128),
  learningRate: base.learningRate.default(0.1),
  schedule: base.schedule.default('oneCycle'),
  weightDecay: base.weightDecay.default(5e-4),
  nesterov: base.nesterov.default(true),
} as const

/** ResNet-18 and ResNet-34 on either set. */
const wideResnet = (dataset: keyof typeof sets) => experiment({
  name: `resnet-18-on-${dataset}`,
  title: `ResNet-18 and ResNet-34 on ${sets[dataset].title}`,
  question: 'What does width buy where ResNet-20 is deep and narrow, and at what cost?',
  data: publishedSet(dataset),
  config: z.strictObject({
    ...longSettings,
    depth: z.union([z.literal(18), z.literal(34)]).default(18).describe('layers: 18 or 34'),
    ...cifarSettings,
  }),
  task: classification(sets[dataset].scaling),
  model: ({ depth }) => new ResNet(sets[dataset].classes, depth),
  transforms: cifarTransforms,
  idle: cifarIdle,
  published: sets[dataset].published,
})

/** Inception networks on either set. */
const inception = (dataset: keyof typeof sets) =>
  experiment({
    name: `googlenet-on-${dataset}`,
    title: `GoogLeNet on ${sets[dataset].title}`,
    question: 'Are several kernel sizes side by side, behind 1x1 reductions, worth more than one?',
    data: publishedSet(dataset),
    config: z.strictObject({
      ...longSettings,
      width: z.number().min(0.05).max(2).default(0.25).describe("share of GoogLeNet's channels"),
      factorization: z
        .enum(['none', 'stacked', 'asymmetric'])
        .default('none')
        .describe('5x5 kernels as they are, as two of 3x3, or all as rows and columns'),
      ...cifarSettings,
    }),
    task: classification(sets[dataset].scaling),
    model: ({ width, factorization }) => new GoogLeNet(sets[dataset].classes, { width, factorization }),
    transforms: cifarTransforms,
    idle: cifarIdle,
    published: sets[dataset].published,
  })

/** Training images whose patches the first layer whitens. */
const WHITENED = 5000

/** The network of the CIFAR-10 speed-runs with its recipe. */
export const fastNetOnCifar10 = experiment({
  name: 'fast-net-on-cifar-10',
  title: '94 % on CIFAR-10 in minutes',
  question: 'How little computation does 94 % on CIFAR-10 take, and which tricks make the difference?',
  data: publishedSet('cifar-10'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(10),
    batchSize: base.batchSize.default(500),
    // The recipe's 11.5 for 1024 examples and its decay of 0.0153, which count the momentum's factor of 1 + 1 / (1 -
    // 0.85) in, for half the batch: 1024 examples need 13 GB, 500 need 6.
    learningRate: base.learningRate.default(0.7325),
    momentum: base.momentum.default(0.85),
    nesterov: base.nesterov.default(true),
    weightDecay: base.weightDecay.default(0.00133),
    schedule: z
      .enum([...base.schedule.unwrap().options, 'triangle'])
      .default('triangle')
      .describe('how the learning rate changes'),
    labelSmoothing: base.labelSmoothing.default(0.2),
    // As many examples as in the recipe's 5 steps.
    lookahead: z
      .number()
      .int()
      .min(0)
      .max(100_000)
      .default(10)
      .describe(
        'steps between the updates of slow weights that the others return to, more and more towards the end; 0: none',
      ),
    translate: z
      .number()
      .int()
      .min(0)
      .max(16)
      .default(2)
      .describe('pixels a training image is moved by at most, its edge mirrored'),
    flip: z
      .enum(['alternating', 'random', 'none'])
      .default('alternating')
      .describe('mirror every training image in every second epoch, at random, or never'),
    testTimeFlip: z
      .boolean()
      .default(true)
      .describe('evaluate test images and their mirror images after the last epoch, and take the mean of the logits'),
    testTimeShift: z.boolean().default(true).describe('also evaluate them moved by a pixel each way'),
  }),
  task: classification(cifarScaling),
  model: () => new FastNet(),
  recipe: fastNetRecipe,
  prepare(model, train) {
    const { data, shape } = columnOf(train, 'images')
    const count = Math.min(WHITENED, train.length)
    const [channels = 0, height = 0, width = 0] = shape
    model.whiten(normalize(data.subarray(0, count * channels * height * width), shape, cifarScaling), [
      count,
      channels,
      height,
      width,
    ])
  },
  transforms: ({ translate, flip }) => [
    ...(translate === 0 ? [] : ([{ kind: 'randomCrop', padding: translate, edge: 'mirror' }] as const)),
    ...(flip === 'none' ? [] : ([{ kind: flip === 'random' ? 'horizontalFlip' : 'alternatingFlip' }] as const)),
  ],
  published: fastNetPublished,
})

export const experiments = [
  highwayOnMnist, resnetOnCifar10, depthOnCifar10, fastNetOnCifar10,
  wideResnet('cifar-10'), wideResnet('cifar-100'), inception('cifar-10'), inception('cifar-100'),
]
