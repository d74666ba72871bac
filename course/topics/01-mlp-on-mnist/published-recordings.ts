// Which runs stand behind the published perceptrons of Days 1-2: each arm is a protocol that others published.
import type { Arm, Recording } from '@ddlf/lab'
import { NIELSEN_DIGITS } from './published-books.ts'

const arm = (id: string, label: string, settings: Arm['settings'] = {}): Arm => ({ id, label, settings })

/** The book's lambda of 5 over 50,000 digits. */
const decay = { weightDecay: 0.0001 } as const
const few = { trainExamples: 1000, epochs: 400 } as const
const start = { ...decay, learningRate: 0.1 } as const
const deep = { ...start, start: 'narrow' } as const
const layers = (count: number) => Array<number>(count).fill(30)

/** Dropout of table 9, with rates and limits of the paper's code. */
const thinned = { learningRate: 1, dropout: 0.5, inputDropout: 0.2 } as const

/** What was compared with dropout, and other ways to drop. */
const regularised: readonly Recording[] = [
  { experiment: 'maxout-perceptron', seeds: [1, 2, 3], arms: [arm('default', '2 x (5 x 240) maxout, dropout')] },
  { experiment: 'drop-connect-perceptron', seeds: [1, 2, 3], arms: [arm('default', '2 x 800, DropConnect')] },
  {
    experiment: 'logistic-perceptron-of-2014', seeds: [1], arms: [arm('default', '3 x 1024 logistic units, dropout')],
  },
  {
    experiment: 'wide-perceptrons-of-2014',
    seeds: [1],
    arms: [
      arm('dropout-max-norm', 'dropout and max-norm', { ...thinned, maxNorm: 3 }),
      arm('dropout-l2', 'dropout and L2', { ...thinned, weightDecay: 0.00001 }),
      arm('max-norm', 'max-norm', { maxNorm: 2 }),
      arm('l2', 'L2', { weightDecay: 0.00003 }),
      arm('l2-l1', 'L2 and L1', { weightDecay: 0.00003, l1: 0.000003 }),
      arm('l2-kl', 'L2 and KL sparsity', { weightDecay: 0.00003, sparsity: 0.0001 }),
    ],
  },
  {
    experiment: 'mlp-optimizers-with-dropout',
    seeds: [1, 2, 3, 4, 5, 6],
    arms: [
      arm('adam-0.001', 'Adam, rate 0.001', { optimizer: 'adam', learningRate: 0.001 }),
      arm('nesterov-0.05', 'Nesterov momentum 0.9, rate 0.05', { nesterov: true, learningRate: 0.05 }),
      arm('adagrad-0.01', 'Adagrad, rate 0.01', { optimizer: 'adagrad', learningRate: 0.01 }),
    ],
  },
]

/** From as many trainings as a ticket takes: 0.8^7 of the weights are 21 %, 0.8^15 are 3.5 %. */
const tickets: Recording = {
  experiment: 'lottery-tickets',
  seeds: [1, 2, 3, 4, 5, 6],
  arms: [
    arm('dense', 'all weights'),
    arm('ticket-21', '21 % of the weights, after 7 prunings', { steps: 400_000 }),
    { ...arm('ticket-3.6', '3.6 % of the weights, after 15 prunings', { steps: 800_000 }), seeds: 1 },
  ],
}

export const publishedRecordings: readonly Recording[] = [
  tickets,
  {
    experiment: 'random-labels',
    seeds: [1, 2],
    arms: [
      arm('labels', 'random labels', { randomLabels: true }),
      arm('true', 'true labels'),
      { ...arm('decay', 'true labels, weight decay', { weightDecay: 0.0005 }), seeds: 1 },
    ],
  },
  ...regularised,
  { experiment: 'mlp-raised-digit', seeds: [1, 2, 3], arms: [arm('raised', 'no 3 shown, its bias raised afterwards')] },
  {
    experiment: 'nielsen-perceptrons',
    seeds: [1, 2, 3],
    arms: [
      arm('first-30', '30 units, squared error', { loss: 'squaredError', learningRate: 3 }),
      arm('first-100', '100 units, squared error', { loss: 'squaredError', learningRate: 3, hidden: [100] }),
      arm('slow', '100 units, squared error, rate 0.001', {
        loss: 'squaredError', learningRate: 0.001, hidden: [100], epochs: 29,
      }),
      arm('entropy-30', '30 units, cross-entropy'),
      arm('entropy-100', '100 units, cross-entropy', { hidden: [100] }),
      arm('few', '1,000 digits', few),
      arm('few-decay', '1,000 digits, L2', { ...few, ...decay }),
      arm('decay-30', '30 units, L2', decay),
      arm('decay-100', '100 units, L2', { ...decay, hidden: [100] }),
      arm('decay-slow', '100 units, L2, rate 0.1, 60 epochs', { ...start, hidden: [100], epochs: 60 }),
      arm('wide-start', 'weights of deviation 1, one epoch', { ...start, epochs: 1 }),
      arm('narrow-start', 'weights of 1 / sqrt(inputs), one epoch', { ...deep, epochs: 1 }),
      ...[1, 2, 3, 4].map(count =>
        arm(`deep-${count}`, `${count} hidden ${count === 1 ? 'layer' : 'layers'} of 30`, {
          ...deep, hidden: layers(count),
        })),
      arm('wide-30', '30 units, weights of deviation 1, 30 epochs', start),
      arm('wide-100', '100 units, weights of deviation 1', { ...start, hidden: [100] }),
      arm('narrow-100', '100 units, weights of 1 / sqrt(inputs)', { ...deep, hidden: [100] }),
    ],
  },
  {
    experiment: 'nielsen-by-digits',
    seeds: [1, 2, 3],
    // The last are all that are not held out.
    arms: NIELSEN_DIGITS.map(([digits]) => {
      const settings = digits < 50_000 ? { trainExamples: digits } : {}
      return arm(`digits-${digits}`, `${digits.toLocaleString('en')} digits`, settings)
    }),
  },
  {
    experiment: 'mlp-optimizers-falling',
    seeds: [1, 2, 3, 4, 5, 6],
    arms: [
      ...[0.01, 0.03, 0.1, 0.3].map(learningRate =>
        arm(`adam-${learningRate}`, `Adam, rate ${learningRate} over the root of the step`, {
          optimizer: 'adam', learningRate,
        })),
      ...[0.03, 0.1, 0.3].map(learningRate =>
        arm(`adagrad-${learningRate}`, `Adagrad, rate ${learningRate}`, {
          optimizer: 'adagrad', learningRate, schedule: 'constant',
        })),
    ],
  },
  {
    experiment: 'perceptrons-of-1998',
    seeds: [1],
    arms: [
      arm('linear-upright', 'linear, digits upright', { hidden: [], upright: true, epochs: 10, learningRate: 0.001 }),
      arm('300-upright', '300 units, digits upright', { upright: true }),
      ...[[300], [1000], [300, 100], [500, 150]].flatMap(hidden => [
        arm(hidden.join('-'), `${hidden.join(' + ')} units`, { hidden }),
        arm(`${hidden.join('-')}-distorted`, `${hidden.join(' + ')} units, digits drawn anew`, {
          hidden, distort: true,
        }),
      ]),
    ],
  },
  // Nothing of it is drawn.
  { experiment: 'tutorials-logistic', seeds: [1], arms: [arm('default', 'softmax regression, 73 epochs')] },
  {
    experiment: 'perceptrons-of-examples',
    seeds: [1, 2, 3],
    arms: [
      arm('cntk', 'CNTK: 200 ReLU', {
        learningRate: 0.64, batchSize: 64, schedule: 'step', scheduleEpochs: 5, scheduleFactor: 0.5,
      }),
      arm('keras', 'Keras: 512 + 512 ReLU, dropout', {
        hidden: [512, 512], dropout: 0.2, optimizer: 'rmsProp', alpha: 0.9, learningRate: 0.001, batchSize: 128,
        epochs: 20,
      }),
    ],
  },
]
