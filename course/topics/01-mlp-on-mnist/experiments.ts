// The experiments of Days 1-2: one perceptron, asked different questions.
import { oneHot, UserError, type Tensor } from '@ddlf/tensor'
import { integerAt, randomKey, uniformAt } from '@ddlf/tensor/random'
import { columnOf, subset, type Transform } from '@ddlf/data'
import { correctCount, meanSquaredError, rmsProp } from '@ddlf/nn'
import {
  classification,
  distillation,
  experiment,
  intRange,
  publishedSet,
  classificationSettings,
  type Experiment,
  type Phase,
  type Space,
  type Task,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { dropConnectPerceptron } from './drop-connect-perceptron.ts'
import { lotteryTickets } from './lottery-tickets.ts'
import { maxoutPerceptron } from './maxout-perceptron.ts'
import { Mlp } from './mlp.ts'
import { nielsenByDigits, nielsenPerceptrons } from './nielsen-perceptron.ts'
import { perceptronsOf1998 } from './perceptrons-of-1998.ts'
import { logisticPerceptron, widePerceptrons } from './perceptrons-of-2014.ts'
import { randomLabels } from './random-labels.ts'
import { examplesOnMnist } from './published-books.ts'
import { published, raisedAfterwards } from './published.ts'
import { tutorialsLogistic } from './tutorials-logistic.ts'

const share = z.number().min(0).lt(1)

/**
 * Ways of drawing a training digit a little differently each time. The extents of the affine change are ours; Simard et
 * al. give none.
 */
const distortions: Readonly<Record<'none' | 'shift' | 'affine' | 'elastic', readonly Transform[]>> = {
  none: [],
  shift: [{ kind: 'randomCrop', padding: 2 }],
  affine: [{ kind: 'affine', degrees: 10, translate: 0.07, scale: [0.9, 1.1], shear: 10 }],
  elastic: [{ kind: 'elastic', alpha: 34, sigma: 4 }],
}

const settings = z.strictObject({
  ...classificationSettings.shape,
  epochs: classificationSettings.shape.epochs.default(12),
  learningRate: classificationSettings.shape.learningRate.default(0.05),
  schedule: classificationSettings.shape.schedule.default('cosine'),
  hidden: z
    .array(z.number().int().min(1).max(100_000))
    .max(20)
    .default([128, 32])
    .describe('units in each hidden layer; empty: softmax regression'),
  activation: z.enum(['relu', 'tanh', 'sigmoid', 'gelu']).default('relu').describe('function after each hidden layer'),
  dropout: share.default(0).describe('share of hidden units dropped in training'),
  inputDropout: share.default(0).describe('share of input pixels dropped in training'),
  batchNorm: z.boolean().default(false).describe('normalise each hidden layer over the batch'),
  initialisation: z
    .enum(['pytorch', 'zeros', 'small', 'glorot', 'he', 'large'])
    .default('pytorch')
    .describe('first values of the weights'),
  loss: z.enum(['crossEntropy', 'squaredError']).default('crossEntropy').describe('what is minimised'),
  distortion: z
    .enum(['none', 'shift', 'affine', 'elastic'])
    .default('none')
    .describe('how the training digits are changed each time they are seen'),
})

type MlpSettings = z.infer<typeof settings>

const classes = classification()

/** The squared distance between the outputs and the one-hot target, as in the 1990s. */
const squaredError: Phase<MlpSettings> = {
  name: 'squared error',
  columns: ['images', 'labels'],
  loss(model, batch, _, context) {
    if (context?.classWeights)
      throw new UserError({
        rule: 'The squared error has no weights of classes.',
        received: 'classWeights',
        next: 'Leave classWeights out, or use sampling=balanced.',
      })
    const [images, labels] = [batch['images'] as Tensor, batch['labels'] as Tensor]
    const logits = model.forward(classes.prepare?.(images) ?? images)
    return {
      loss: meanSquaredError(logits, oneHot(labels, logits.shape[1] ?? 0)),
      metrics: { accuracy: correctCount(logits, labels) },
    }
  },
}

/** Classification that can also be trained on the squared error. */
const task: Task<MlpSettings> = {
  ...classes,
  phases: settings => (settings.loss === 'crossEntropy' ? classes.phases(settings) : [squaredError]),
}

/** What an experiment of this topic says itself; the rest is the same for all. */
type Question = Pick<Experiment, 'name' | 'title' | 'question'> & { readonly defaults?: Partial<MlpSettings> }

/** The perceptron's settings with other defaults. */
function settingsWith(defaults: Partial<MlpSettings> = {}): typeof settings {
  const shape: Record<string, z.ZodType> = { ...settings.shape }
  for (const [name, value] of Object.entries(defaults))
    shape[name] = (settings.shape[name as keyof MlpSettings] as z.ZodDefault).default(value)
  return z.strictObject(shape) as unknown as typeof settings
}

/** Each hidden layer from a quarter of its width to four times it, beside what every study tunes. */
const widths = ({ hidden }: MlpSettings): Space =>
  Object.fromEntries(hidden.map((width, i) =>
    [`hidden.${i}`, intRange(Math.ceil(width / 4), 4 * width, { log: true })]))

const common = {
  data: publishedSet('mnist'),
  space: widths,
  model: (chosen: MlpSettings) => new Mlp(784, 10, chosen),
  transforms: ({ distortion }: MlpSettings) => distortions[distortion],
  published,
} as const

/** The perceptron on MNIST with other defaults. */
const perceptron = ({ defaults, ...rest }: Question): Experiment =>
  experiment({ ...rest, ...common, task, config: settingsWith(defaults) })

/** Those of libraries and tutorials; Keras's RMSprop remembers for a tenth of the time of PyTorch's. */
const perceptronsOfExamples = experiment({
  ...common,
  name: 'perceptrons-of-examples',
  title: 'Perceptrons of examples and tutorials',
  question: 'Do the perceptrons of examples and tutorials reach what their pages say?',
  task,
  config: z.strictObject({
    ...settingsWith({ epochs: 10, hidden: [200], momentum: 0, schedule: 'constant', initialisation: 'glorot' }).shape,
    alpha: share.default(0.99).describe('how long rmsProp remembers squared gradients'),
  }),
  recipe: ({ optimizer, alpha, momentum, weightDecay }) =>
    (optimizer === 'rmsProp' ? { optimizer: rmsProp({ alpha, momentum, weightDecay }) } : {}),
  idle: ({ optimizer }) => (optimizer === 'rmsProp' ? {} : { alpha: `optimizer=${optimizer}` }),
  published: [...published, ...examplesOnMnist],
})

/** The author's four-layer perceptron, with everything about it as a setting. */
export const mlpOnMnist = perceptron({
  name: 'mlp-on-mnist',
  title: 'Multilayer perceptron on MNIST',
  question: 'How well does a small multilayer perceptron read handwritten digits, and what does each choice change?',
})

/**
 * The cumbersome model of the distillation paper: wide, with dropout, bounded weights and digits moved by up to two
 * pixels each way.
 */
const teacher = perceptron({
  name: 'mlp-teacher',
  title: 'The teacher',
  question: 'How well does a wide, heavily regularised perceptron read, and what can it teach a smaller one?',
  defaults: {
    epochs: 40,
    hidden: [1200, 1200],
    batchSize: 100,
    learningRate: 0.1,
    dropout: 0.25,
    maxNorm: 3.87,
    distortion: 'shift',
  },
})

const studentSettings = z.strictObject({
  ...settingsWith({ epochs: 15, hidden: [800, 800], batchSize: 100 }).shape,
  temperature: z
    .number()
    .positive()
    .max(1000)
    .default(20)
    .describe("what both nets' logits are divided by before the softmax"),
  hardShare: z.number().min(0).max(1).default(0).describe('share of the loss that the labels have; 1: no teacher'),
  teacherSeed: classificationSettings.shape.seed.describe('seed of the teacher, a run of mlp-teacher'),
  without: z
    .array(z.number().int().min(0).max(9))
    .max(9)
    .default([])
    .describe('digits that are left out of what the student sees'),
})

/** A small net taught by the outputs of a large one. */
const distilled = experiment({
  name: 'mlp-distillation',
  title: 'Distillation',
  question:
    'Does a small net learn more from what a large one says than from the labels? (Hinton, Vinyals and Dean 2015)',
  ...common,
  config: studentSettings,
  task: distillation(),
  trainingSet(train, { without }) {
    const { data } = columnOf(train, 'labels')
    return without.length === 0
      ? train
      : subset(
          train,
          Array.from(data.keys()).filter(i => !without.includes(data[i] as number)),
        )
  },
  teacher: {
    experiment: teacher,
    settings: ({ hardShare, teacherSeed }) => (hardShare === 1 ? undefined : { seed: teacherSeed }),
    output: 'logits',
    column: 'teacherLogits',
    shape: [10],
  },
})

/** A student that was never shown a digit, and what is left of its errors once the bias of that digit is raised. */
const raised: Experiment = {
  ...distilled,
  name: 'mlp-raised-digit',
  title: 'A digit that was never shown',
  question:
    'A student that was shown no 3 knows threes from its teacher. What does it err once the bias of the 3 is raised? ' +
    '(Hinton, Vinyals and Dean 2015)',
  config: studentSettings.extend({ without: studentSettings.shape.without.default([3]) }),
  task: distillation({ raised: [3] }) as unknown as Experiment['task'],
  published: raisedAfterwards,
}

/** A net between too small to fit its examples and far larger than it takes. */
const doubleDescent = experiment({
  name: 'mlp-double-descent',
  title: 'Double descent',
  question:
    'Does a net that can just fit its examples read worse than one with fewer units, and than one with many more? ' +
    '(Belkin, Hsu, Ma and Mandal 2019)',
  ...common,
  config: z.strictObject({
    ...settingsWith({
      epochs: 150,
      hidden: [50],
      batchSize: 100,
      optimizer: 'adam',
      learningRate: 0.003,
      loss: 'squaredError',
      trainExamples: 4000,
    }).shape,
    labelNoise: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('share of the training labels that are drawn anew, from all ten'),
  }),
  task,
  trainingSet(train, { labelNoise, seed }) {
    if (labelNoise === 0) return train
    const labels = columnOf(train, 'labels')
    const [whether, which] = [randomKey(seed, 'label noise'), randomKey(seed, 'noisy label')]
    const data = Int32Array.from(labels.data, (label, i) =>
      uniformAt(whether, i) < labelNoise ? integerAt(which, i, 10) : label,
    )
    return { ...train, columns: { ...train.columns, labels: { ...labels, data } } }
  },
})

export const experiments: readonly Experiment[] = [
  mlpOnMnist,
  perceptron({
    name: 'mlp-depth-and-width',
    title: 'Depth and width',
    question: 'What do more hidden units buy, and what do more hidden layers?',
    defaults: { epochs: 5 },
  }),
  perceptron({
    name: 'mlp-activation',
    title: 'Activation functions',
    question: 'Which function between the layers learns fastest, and does the answer change with depth?',
    defaults: { epochs: 3, hidden: [128, 128] },
  }),
  perceptron({
    name: 'mlp-initialisation',
    title: 'Initial weights',
    question: 'How much depends on where the weights start?',
    defaults: { epochs: 3, hidden: [128, 128, 128] },
  }),
  perceptron({
    name: 'mlp-learning-rate-and-batch-size',
    title: 'Learning rate and batch size',
    question: 'How do the learning rate and the batch size depend on each other?',
    defaults: { epochs: 3, momentum: 0, schedule: 'constant' },
  }),
  perceptron({
    name: 'mlp-keskar-f1',
    title: 'Small batches and large ones',
    question: 'Do large batches find minima that generalise worse? (Keskar et al. 2017, network F1)',
    defaults: {
      epochs: 12,
      hidden: [512, 512, 512, 512, 512],
      batchNorm: true,
      optimizer: 'adam',
      learningRate: 0.001,
      batchSize: 256,
      schedule: 'constant',
    },
  }),
  perceptron({
    name: 'mlp-dropout-and-max-norm',
    title: 'Dropout and max-norm',
    question:
      'Does dropping units at random, with bounded weights, make a wide net generalise better? (Srivastava et ' +
      'al. 2014)',
    defaults: { epochs: 10, hidden: [800, 800], batchSize: 100 },
  }),
  perceptron({
    name: 'mlp-lecun-baselines',
    title: "LeCun's perceptrons today",
    question: 'What do the fully connected nets of 1998 reach with cross-entropy, ReLU and momentum?',
    defaults: { epochs: 12 },
  }),
  perceptron({
    name: 'mlp-weight-decay',
    title: 'Weight decay',
    question:
      'What does a penalty on large weights buy a net of 500 and 300 units? (Hinton, on the page of MNIST results)',
    defaults: { epochs: 12, hidden: [500, 300] },
  }),
  perceptron({
    name: 'mlp-distortions',
    title: 'Distorted digits',
    question: 'How much are new drawings of the same digits worth? (Simard, Steinkraus and Platt 2003)',
    defaults: { epochs: 20, hidden: [800], batchSize: 100 },
  }),
  teacher,
  distilled,
  raised,
  perceptron({
    name: 'mlp-optimizers-with-dropout',
    title: 'Optimizers with dropout',
    question:
      'Does Adam lower the loss of a net with dropout fastest? (Kingma and Ba 2015, figure 2)',
    defaults: { epochs: 8, hidden: [1000, 1000], dropout: 0.5, batchSize: 128, schedule: 'constant' },
  }),
  perceptron({
    name: 'mlp-optimizers',
    title: 'Adam, Nesterov, Adagrad',
    question:
      'Does Adam minimise the loss of a linear classifier as fast as momentum, and faster than Adagrad? (Kingma and ' +
      'Ba 2015, figure 1)',
    defaults: { epochs: 10, hidden: [], batchSize: 128, schedule: 'constant' },
  }),
  doubleDescent,
  perceptron({
    name: 'mlp-linear-classifier',
    title: 'The linear classifier',
    question: "Why is the linear classifier's published error of 1998 so easily beaten?",
    defaults: { epochs: 10, hidden: [] },
  }),
  perceptron({
    name: 'mlp-batch-norm-sigmoid',
    title: 'Batch normalisation on sigmoids',
    question:
      'Does batch normalisation make a sigmoid net train faster and end higher? (Ioffe and Szegedy 2015, section 4.1)',
    defaults: {
      epochs: 8,
      hidden: [100, 100, 100],
      activation: 'sigmoid',
      batchSize: 60,
      learningRate: 0.1,
      momentum: 0,
      schedule: 'constant',
      initialisation: 'small',
    },
  }),
  perceptron({
    name: 'mlp-optimizers-falling',
    title: 'Adam at a rate that falls, and Adagrad',
    question:
      'Is Adam faster than Adagrad on a linear classifier where its rate falls with the root of the step, as in the ' +
      'paper? (Kingma and Ba 2015, figure 1)',
    defaults: { epochs: 10, hidden: [], batchSize: 128, schedule: 'inverseSquareRoot' },
  }),
  perceptronsOfExamples,
  tutorialsLogistic,
  nielsenPerceptrons,
  nielsenByDigits,
  perceptronsOf1998,
  maxoutPerceptron,
  dropConnectPerceptron,
  logisticPerceptron,
  widePerceptrons,
  lotteryTickets,
  randomLabels,
]
