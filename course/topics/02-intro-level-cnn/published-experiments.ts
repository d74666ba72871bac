// What others published for small convolution nets, run again by their own protocols.
import { oneHot, sub, mul, type Tensor } from '@ddlf/tensor'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { subset } from '@ddlf/data'
import { correctCount, meanSquaredError } from '@ddlf/nn'
import {
  classification, classificationSettings, experiment, publishedSet, type Experiment, type Phase, type Task,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { alongLine, DIVE_SCHEDULES, diveSchedule, limitedSteps } from './book-schedules.ts'
import { LeNet1989 } from './lenet-1989.ts'
import { publishedConvnets, type PublishedConvnet } from './published-convnets.ts'
import { smallNetsOnFashion, smallNetsOnMnist } from './published-small-nets.ts'

const base = classificationSettings.shape

const settings1989 = z.strictObject({
  ...base,
  epochs: base.epochs.default(23),
  batchSize: base.batchSize.default(1),
  learningRate: base.learningRate.default(0.03),
  momentum: base.momentum.default(0),
  sampling: base.sampling.default('sequential'),
  trainExamples: base.trainExamples.default(7291),
  loss: z.enum(['squaredError', 'crossEntropy']).default('squaredError').describe('what is minimised'),
  modern: z.boolean().default(false).describe('ReLU instead of tanh'),
  dropout: z.number().min(0).lt(1).default(0).describe('share of the findings of H2 dropped in training'),
  shift: z.boolean().default(false).describe('move the small training digits by a pixel each way'),
  lastRate: z.number().gt(0).max(1).default(1)
    .describe('share of the learning rate that the last epoch has; the epochs before it lie on a line'),
})
type Settings1989 = z.infer<typeof settings1989>

/** Pixels from -1 to 1. */
const classes = classification({ mean: [0.5], standardDeviation: [0.5] })

/** The squared error of ten outputs, which should be 1 for the digit and -1 for the others. */
const squaredError: Phase<Settings1989> = {
  name: 'squared error',
  columns: ['images', 'labels'],
  loss(model, batch) {
    const [images, labels] = [batch['images'] as Tensor, batch['labels'] as Tensor]
    const outputs = model.forward(classes.prepare?.(images) ?? images)
    return {
      loss: meanSquaredError(outputs, sub(mul(oneHot(labels, 10), 2), 1)),
      metrics: { accuracy: correctCount(outputs, labels) },
    }
  },
}

const task1989: Task<Settings1989> = {
  ...classes,
  phases: settings => (settings.loss === 'crossEntropy' ? classes.phases(settings) : [squaredError]),
}

/** The settings of the schedule, where something else takes its place. */
const withoutSchedule = (instead: string) =>
  ({ schedule: instead, scheduleEpochs: instead, scheduleFactor: instead, scheduleMinimum: instead })

/** LeCun's net of 1989 on 7,291 digits. */
export const lenetOf1989 = experiment({
  name: 'lenet-of-1989',
  title: 'The net of 1989',
  question: 'What did 33 years add to the first convolution net, on as few digits? (Karpathy 2022)',
  data: publishedSet('mnist'),
  config: settings1989,
  task: task1989,
  // Seven thousand of the digits, others for each seed.
  trainingSet: (train, { trainExamples, seed }) => {
    const order = permutation(randomKey(seed, 'digits of 1989'), train.length)
    return subset(train, Int32Array.from(order).subarray(0, trainExamples || train.length))
  },
  model: ({ loss, modern, dropout, shift }) =>
    new LeNet1989({ modern, squash: loss === 'squaredError', dropout, shift }),
  recipe: ({ lastRate }) => (lastRate === 1 ? {} : { schedule: alongLine(lastRate) }),
  idle: ({ lastRate }) => (lastRate === 1 ? {} : withoutSchedule(`lastRate=${lastRate}`)),
  published: smallNetsOnMnist,
})

const names = Object.keys(publishedConvnets) as [PublishedConvnet, ...PublishedConvnet[]]
const net = z.enum(names).describe('which net: nielsen, keras, caffe, tutorials, cntk, d2l, keras-mixup, deepobs')

/** What one published net is asked beside the others. */
type Question = Pick<Experiment, 'name' | 'title' | 'question'>

/** Nets of books and examples on MNIST; pixels from 0 to 1, as all of them take them. */
const onMnist = (asked: Question): Experiment =>
  experiment({
    ...asked,
    data: publishedSet('mnist'),
    config: z.strictObject({
      ...base,
      epochs: base.epochs.default(15),
      batchSize: base.batchSize.default(128),
      learningRate: base.learningRate.default(0.001),
      optimizer: base.optimizer.default('adam'),
      net: net.default('keras'),
      drops: z.number().int().min(0).max(1000).default(0)
        .describe('how often the step schedule drops at most; 0: no limit'),
    }),
    task: classification(),
    model: chosen => publishedConvnets[chosen.net](),
    recipe: ({ schedule, scheduleEpochs: every, scheduleFactor: gamma, drops }) =>
      (schedule === 'step' && drops > 0 ? { schedule: limitedSteps({ every, gamma, drops }) } : {}),
    idle: ({ schedule }) => (schedule === 'step' ? {} : { drops: `schedule=${schedule}` }),
    published: smallNetsOnMnist,
  })

/** The same on Fashion-MNIST. */
const onFashion = (asked: Question): Experiment =>
  experiment({
    ...asked,
    data: publishedSet('fashion-mnist'),
    config: z.strictObject({
      ...base,
      epochs: base.epochs.default(30),
      batchSize: base.batchSize.default(256),
      learningRate: base.learningRate.default(0.3),
      momentum: base.momentum.default(0),
      net: net.default('d2l'),
      dive: z.enum(['none', ...DIVE_SCHEDULES]).default('none')
        .describe('a schedule of Dive into deep learning in place of the setting schedule'),
      mix: z.enum(['none', 'mixup']).default('none').describe('blend each training image with another'),
      mixAlpha: z.number().positive().max(100).default(0.2).describe('how evenly: lambda ~ Beta(alpha, alpha)'),
    }),
    task: classification(),
    model: chosen => publishedConvnets[chosen.net](),
    recipe: ({ dive }) => (dive === 'none' ? {} : { schedule: diveSchedule(dive) }),
    idle: ({ dive, mix }) => ({
      ...(dive !== 'none' && withoutSchedule(`dive=${dive}`)), ...(mix === 'none' && { mixAlpha: 'mix=none' }),
    }),
    transforms: ({ mix, mixAlpha }) => (mix === 'none' ? [] : [{ kind: 'mixup', alpha: mixAlpha }]),
    published: smallNetsOnFashion,
  })

/** The published nets of which each training takes minutes, and those of which it takes longer. */
export const publishedExperiments: readonly Experiment[] = [
  onMnist({
    name: 'published-convnets-on-mnist',
    title: 'Convolution nets of books and examples on MNIST',
    question: 'Do the nets of books and examples reach what their pages say?',
  }),
  onMnist({
    name: 'longer-convnets-on-mnist',
    title: 'Convolution nets that train longer, on MNIST',
    question: 'Do the nets that a book trains for 60 epochs, and a tutorial for 178, reach what they print?',
  }),
  onFashion({
    name: 'published-convnets-on-fashion',
    title: 'Convolution nets of books on Fashion-MNIST',
    question: 'Do schedules and mixup do on clothes what their pages say?',
  }),
  onFashion({
    name: 'deepobs-on-fashion',
    title: "A benchmark's net on Fashion-MNIST",
    question: 'Do three optimizers, each at the rate that a benchmark found for it, reach its figures?',
  }),
]
