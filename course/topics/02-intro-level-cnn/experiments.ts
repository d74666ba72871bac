// The experiments of Days 3-6.
import {
  classification,
  experiment,
  publishedSet,
  classificationSettings,
} from '@ddlf/lab/experiments'
import type { Transform } from '@ddlf/data'
import { z } from 'zod'
import { Mlp } from '../01-mlp-on-mnist/mlp.ts'
import { AlexNetLike } from './alexnet-like.ts'
import { LeNet5 } from './lenet5.ts'
import { ModernLeNet5 } from './modern-lenet5.ts'
import { SmallLeNet } from './small-lenet.ts'
import { ConvNet } from './convnet.ts'
import { PoolingNet, SHRINKINGS } from './pooling-net.ts'
import { cifarPublished, fashionPublished, lenetPublished } from './published.ts'
import { lenetOf1989, publishedExperiments } from './published-experiments.ts'
import { TwoConvolutions } from './two-convolutions.ts'
import { Vgg16 } from './vgg.ts'

const base = classificationSettings.shape
const share = z.number().min(0).lt(1)

/** Mean and standard deviation of CIFAR-10's training pixels, per channel, after division by 255. */
export const cifarScaling = { mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.247, 0.2435, 0.2616] } as const

/** Whether training images are cropped at random after padding by 4 and flipped: the usual augmentation of CIFAR-10. */
const augmentSetting = z.boolean().default(true).describe('random crop after padding by 4, and horizontal flip')

/**
 * Settings that every experiment on CIFAR has: how training images are changed, and how many views of a test image are
 * averaged.
 */
export const cifarSettings = {
  augment: augmentSetting,
  mix: z
    .enum(['none', 'mixup', 'cutmix'])
    .default('none')
    .describe('blend each training image with another, or cut a window of another into it'),
  mixAlpha: z
    .number()
    .positive()
    .max(100)
    .default(1)
    .describe('how evenly images are mixed: lambda ~ Beta(alpha, alpha)'),
  testTimeFlip: z
    .boolean()
    .default(false)
    .describe('evaluate test images and their mirror images after the last epoch, and take the mean of the logits'),
} as const

/** The transforms that the settings stand for. */
export const cifarTransforms = ({
  augment,
  mix,
  mixAlpha,
}: {
  readonly augment: boolean
  readonly mix: 'none' | 'mixup' | 'cutmix'
  readonly mixAlpha: number
}): readonly Transform[] => [
  ...(augment ? ([{ kind: 'randomCrop', padding: 4 }, { kind: 'horizontalFlip' }] as const) : []),
  ...(mix === 'none' ? [] : ([{ kind: mix, alpha: mixAlpha }] as const)),
]

/** Of these settings, those that change nothing beside others. */
export const cifarIdle = ({ mix }: { readonly mix: string }): Readonly<Record<string, string>> =>
  (mix === 'none' ? { mixAlpha: 'mix=none' } : {})

const lenets = {
  modern: () => new ModernLeNet5(),
  1998: () => new LeNet5(),
  lenet1: () => new SmallLeNet('LeNet-1'),
  lenet4: () => new SmallLeNet('LeNet-4'),
} as const

/**
 * The planar distortions of the 1998 paper: shifts, scaling, squeezing and shearing. Their extent is ours; the paper
 * gives none.
 */
const distortions: readonly Transform[] = [
  { kind: 'affine', degrees: 0, translate: 0.07, scale: [0.9, 1.1], shear: 10 },
]

/** LeNet-5 on MNIST, as in 1998 and as it is built today, and two smaller ones. */
export const lenet5OnMnist = experiment({
  name: 'lenet5-on-mnist',
  title: 'LeNet-5 on MNIST',
  question: 'What does weight sharing buy: how far below the perceptron does LeNet-5 get, with fewer parameters?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(20),
    batchSize: base.batchSize.default(64),
    learningRate: base.learningRate.default(0.02),
    schedule: base.schedule.default('cosine'),
    weightDecay: base.weightDecay.default(5e-4),
    form: z
      .enum(['modern', '1998', 'lenet1', 'lenet4'])
      .default('modern')
      .describe('LeNet-5 with ReLU and max pooling, LeNet-5 of the paper, or a smaller LeNet of today'),
    distort: z.boolean().default(false).describe('shift, scale and shear the training images at random'),
  }),
  task: classification({ mean: [0.1307], standardDeviation: [0.3081] }),
  model: ({ form }) => lenets[form](),
  transforms: ({ distort }) => (distort ? distortions : []),
  published: lenetPublished,
})

/** The small network of Fashion-MNIST's page. */
export const fashionTwoConvolutions = experiment({
  name: 'fashion-two-convolutions',
  title: 'Two convolutions on Fashion-MNIST',
  question: 'How well does a network of two convolutions and fewer than 100,000 parameters tell clothes apart?',
  data: publishedSet('fashion-mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(20),
    learningRate: base.learningRate.default(0.002),
    optimizer: base.optimizer.default('adam'),
    schedule: base.schedule.default('cosine'),
    dropout: share.default(0.3).describe('share of features dropped before the dense layer'),
  }),
  task: classification({ mean: [0.286], standardDeviation: [0.353] }),
  model: ({ dropout }) => new TwoConvolutions(10, { dropout }),
  published: fashionPublished,
})

/** LeNet-5 with activations that can fall silent. */
export const deadUnits = experiment({
  name: 'dead-units',
  title: 'Dead and saturated units',
  question: 'When do rectified units die and squashing units saturate, and what does it cost?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(2),
    batchSize: base.batchSize.default(64),
    learningRate: base.learningRate.default(0.02),
    trainExamples: base.trainExamples.default(12_000),
    activation: z
      .enum(['relu', 'leakyRelu', 'tanh', 'sigmoid'])
      .default('relu')
      .describe('function after each hidden layer'),
    weightScale: z.number().positive().max(1000).default(1).describe('what the first weights are multiplied by'),
  }),
  task: classification({ mean: [0.1307], standardDeviation: [0.3081] }),
  model: ({ activation, weightScale }) => new ModernLeNet5({ activation, weightScale }),
  published: lenetPublished,
})

/** How maps shrink, and whether they are padded. */
export const poolingOnMnist = experiment({
  name: 'pooling-on-mnist',
  title: 'Pooling, strides and padding',
  question: 'Does it matter how the maps of a convolutional net get smaller, and whether there are zeros around them?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(6),
    batchSize: base.batchSize.default(64),
    learningRate: base.learningRate.default(0.01),
    optimizer: base.optimizer.default('adam'),
    schedule: base.schedule.default('oneCycle'),
    trainExamples: base.trainExamples.default(12_000),
    shrink: z
      .enum(SHRINKINGS)
      .default('max')
      .describe('what halves the maps: pooling of 2x2, of overlapping 3x3, or a convolution of stride 2'),
    padded: z.boolean().default(true).describe('zeros around the maps, so that a convolution keeps their size'),
  }),
  task: classification({ mean: [0.1307], standardDeviation: [0.3081] }),
  model: ({ shrink, padded }) => new PoolingNet(10, { shrink, padded }),
})

/** The perceptron of Fashion-MNIST's page. */
export const fashionMlp = experiment({
  name: 'fashion-mlp',
  title: 'A perceptron on Fashion-MNIST',
  question: 'How well does a perceptron of three hidden layers tell clothes apart, before any convolution?',
  data: publishedSet('fashion-mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(20),
    learningRate: base.learningRate.default(0.001),
    optimizer: base.optimizer.default('adam'),
    schedule: base.schedule.default('cosine'),
    hidden: z
      .array(z.number().int().min(1).max(100_000))
      .max(20)
      .default([256, 128, 64])
      .describe('units in each hidden layer'),
    dropout: share.default(0.2).describe('share of hidden units dropped in training'),
  }),
  task: classification({ mean: [0.286], standardDeviation: [0.353] }),
  model: ({ hidden, dropout }) =>
    new Mlp(784, 10, { hidden, dropout, inputDropout: 0, batchNorm: false, activation: 'relu' }),
  published: fashionPublished,
})

/** The AlexNet-like network of the TensorFlow tutorial. */
export const alexnetLikeOnCifar10 = experiment({
  name: 'alexnet-like-on-cifar-10',
  title: 'An AlexNet-like network on CIFAR-10',
  question: 'Does local response normalisation help, and how much does augmentation add?',
  data: publishedSet('cifar-10'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(30),
    batchSize: base.batchSize.default(128),
    // Five times as much and, without batch norm, it ends at chance within 50 steps.
    learningRate: base.learningRate.default(0.01),
    schedule: base.schedule.default('cosine'),
    weightDecay: base.weightDecay.default(5e-4),
    normalization: z
      .enum(['local response', 'batch', 'none'])
      .default('local response')
      .describe('after the two convolutions'),
    firstWeights: z.enum(['tutorial', 'he']).default('he').describe("the tutorial's truncated normals, or He's"),
    ...cifarSettings,
  }),
  task: classification(cifarScaling),
  model: ({ normalization, firstWeights }) => new AlexNetLike(10, { normalization, firstWeights }),
  transforms: cifarTransforms,
  idle: cifarIdle,
  published: cifarPublished,
})

/** The networks of cuda-convnet's examples. */
export const convnetOnCifar10 = experiment({
  name: 'convnet-on-cifar-10',
  title: 'The networks of cuda-convnet on CIFAR-10',
  question: 'What did the first networks for graphics cards reach, and what did normalisation add to them?',
  data: publishedSet('cifar-10'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(30),
    batchSize: base.batchSize.default(128),
    learningRate: base.learningRate.default(0.02),
    schedule: base.schedule.default('cosine'),
    weightDecay: base.weightDecay.default(0.001),
    normalized: z
      .boolean()
      .default(false)
      .describe('local response normalisation and one dense layer: the network of 18 %; off: that of 26 %'),
    ...cifarSettings,
    augment: z.boolean().default(false).describe('random crop after padding by 4, and horizontal flip'),
  }),
  task: classification(cifarScaling),
  model: ({ normalized }) => new ConvNet(10, { normalized }),
  transforms: cifarTransforms,
  idle: cifarIdle,
  published: cifarPublished,
})

/** VGG-16 for small images. */
export const vggOnCifar10 = experiment({
  name: 'vgg-on-cifar-10',
  title: 'VGG-16 on CIFAR-10',
  question: 'What do depth and small filters add, and can such a net be trained without batch norm?',
  data: publishedSet('cifar-10'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(60),
    batchSize: base.batchSize.default(128),
    learningRate: base.learningRate.default(0.05),
    schedule: base.schedule.default('oneCycle'),
    weightDecay: base.weightDecay.default(5e-4),
    batchNorm: z.boolean().default(true).describe('normalise after each convolution'),
    size: z.enum(['VGG-16', 'small']).default('VGG-16').describe('thirteen convolutions, or six narrow ones'),
    dropout: z
      .boolean()
      .default(false)
      .describe('dropout between convolutions and a hidden dense layer, as in Liu and Deng 2015'),
    ...cifarSettings,
  }),
  task: classification(cifarScaling),
  model: ({ batchNorm, dropout, size }) => new Vgg16(10, { batchNorm, dropout, size }),
  transforms: cifarTransforms,
  idle: cifarIdle,
  published: cifarPublished,
})

export const experiments = [
  lenet5OnMnist,
  poolingOnMnist,
  deadUnits,
  fashionMlp,
  fashionTwoConvolutions,
  convnetOnCifar10,
  alexnetLikeOnCifar10,
  vggOnCifar10,
  lenetOf1989,
  ...publishedExperiments,
]
