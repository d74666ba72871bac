// Which runs stand behind the published nets of Days 3-6: each arm is a protocol that others published.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, count?: number): Arm =>
  ({ id, label, settings, ...(count !== undefined && { seeds: count }) })

/** Of 60,000 digits 10,000 held out, as in files that divide them so. */
const heldOut = { validation: 0.1667 } as const
const adamW = {
  loss: 'crossEntropy', optimizer: 'adamW', learningRate: 0.0003, weightDecay: 0.01, lastRate: 0.3333,
} as const
const nielsen = { optimizer: 'sgd', momentum: 0, learningRate: 0.1, batchSize: 10, epochs: 60, ...heldOut } as const
const mixup = { net: 'keras-mixup', optimizer: 'adam', learningRate: 0.001, batchSize: 64, epochs: 10 } as const
const cntk = {
  net: 'cntk', optimizer: 'sgd', momentum: 0, learningRate: 0.064, batchSize: 64, schedule: 'step', scheduleEpochs: 5,
  scheduleFactor: 0.5, drops: 1,
} as const
const deepobs = { net: 'deepobs', batchSize: 128, epochs: 10 } as const

export const publishedRecordings: readonly Recording[] = [
  {
    experiment: 'lenet-of-1989',
    seeds: [1, 2, 3],
    arms: [
      arm('1989', 'as in 1989: tanh, squared error, SGD'),
      arm('softmax', 'softmax and cross-entropy', { loss: 'crossEntropy', learningRate: 0.01 }),
      arm('adamw', 'AdamW, 46 passes', { ...adamW, epochs: 46 }),
      arm('shifts', 'moved digits, 60 passes', { ...adamW, epochs: 60, shift: true }),
      arm('modern', 'dropout and ReLU, 80 passes', {
        ...adamW, epochs: 80, shift: true, modern: true, dropout: 0.25,
      }),
    ],
  },
  {
    experiment: 'published-convnets-on-fashion',
    seeds: [1, 2, 3],
    arms: [
      arm('d2l-constant', 'LeNet, rate 0.3'),
      arm('d2l-root', 'LeNet, rate 0.1 over the root of the epoch', { learningRate: 0.1, dive: 'squareRoot' }),
      arm('d2l-steps', 'LeNet, rate 0.125', { learningRate: 0.125 }),
      arm('d2l-cosine', 'LeNet, cosine from 0.3 to 0.01 in 20 epochs', { dive: 'cosine' }),
      arm('d2l-warm', 'LeNet, the same behind a warm-up', { dive: 'warmUpAndCosine' }),
      arm('plain', 'two convolutions and an average', mixup),
      arm('mixup', 'the same with mixup', { ...mixup, mix: 'mixup' }),
    ],
  },
  {
    experiment: 'deepobs-on-fashion',
    seeds: [1, 2, 3],
    arms: [
      arm('deepobs-adam', '2c2d, Adam', { ...deepobs, optimizer: 'adam', learningRate: 0.000251 }, 1),
      arm('deepobs-sgd', '2c2d, SGD', { ...deepobs, learningRate: 0.158 }, 1),
      arm('deepobs-momentum', '2c2d, momentum 0.99', { ...deepobs, momentum: 0.99, learningRate: 0.00251 }, 1),
    ],
  },
  {
    experiment: 'published-convnets-on-mnist',
    seeds: [1, 2, 3],
    arms: [
      arm('keras', 'Keras: two convolutions, Adam', { validation: 0.1 }),
      arm('caffe', 'Caffe: LeNet', {
        net: 'caffe', optimizer: 'sgd', learningRate: 0.01, weightDecay: 0.0005, batchSize: 64, steps: 10_000,
        evaluateEvery: 2500, schedule: 'cosine', scheduleMinimum: 0.5946,
      }),
      arm('cntk', 'CNTK: one convolution', cntk),
      arm('cntk-dropout', 'CNTK: one convolution, dropout', { ...cntk, net: 'cntk-dropout' }),
      arm('cntk-norm', 'CNTK: one convolution, batch norm', {
        ...cntk, net: 'cntk-norm', learningRate: 0.64, scheduleFactor: 0.1, epochs: 10,
      }),
      arm('nielsen-dense', 'Nielsen: a dense layer', { ...nielsen, net: 'nielsen-dense' }, 2),
    ],
  },
  {
    experiment: 'longer-convnets-on-mnist',
    seeds: [1, 2, 3],
    arms: [
      arm('nielsen-one', 'Nielsen: one convolution', { ...nielsen, net: 'nielsen-one' }, 2),
      arm('nielsen-two', 'Nielsen: two convolutions', { ...nielsen, net: 'nielsen-two' }, 1),
      arm('nielsen-relu', 'Nielsen: two convolutions, ReLU', {
        ...nielsen, net: 'nielsen-relu', learningRate: 0.03, weightDecay: 0.00002, decayNormsAndBiases: false,
      }, 1),
      arm('tutorials', 'Deep Learning Tutorials: LeNet', {
        net: 'tutorials', optimizer: 'sgd', momentum: 0, learningRate: 0.1, batchSize: 500, epochs: 178, ...heldOut,
      }, 1),
    ],
  },
  {
    experiment: 'convnet-on-cifar-10',
    seeds: [1],
    arms: [arm('twenty-six', 'the 26 % net, 30 epochs')],
  },
]
