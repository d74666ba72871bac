// Which runs stand behind the figures of Days 3-6: for each experiment the settings that are compared, and the seeds.
import type { Arm, Recording } from '@ddlf/lab'
import { publishedRecordings } from './published-recordings.ts'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, count?: number): Arm =>
  ({ id, label, settings, ...(count !== undefined && { seeds: count }) })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** An eighth of the training images of CIFAR-10, four times: enough to compare, far from enough to finish. */
const short = { trainExamples: 6400, epochs: 4 } as const

/** A quarter of them, twelve times: enough for pictures to be learned by heart. */
const twelve = { normalization: 'batch', trainExamples: 12_800, epochs: 12 } as const

export const recordings: readonly Recording[] = [
  {
    experiment: 'lenet5-on-mnist',
    seeds: seeds(5),
    details: true,
    arms: [
      arm('modern', 'LeNet-5 of today'),
      arm('distorted', 'LeNet-5 of today, distorted images', { distort: true }, 1),
      arm('1998', 'LeNet-5 of 1998', { form: '1998', learningRate: 0.003 }, 1),
      arm('lenet4', 'LeNet-4 of today', { form: 'lenet4' }, 1),
      arm('lenet1', 'LeNet-1 of today', { form: 'lenet1' }, 1),
    ],
  },
  {
    experiment: 'pooling-on-mnist',
    seeds: seeds(6),
    arms: [
      arm('max', 'largest of 2x2'),
      arm('overlapping', 'largest of 3x3, two apart', { shrink: 'overlapping max' }),
      arm('average', 'average of 2x2', { shrink: 'average' }),
      arm('stride', 'convolutions of stride 2', { shrink: 'stride' }),
      arm('bare', 'largest of 2x2, no padding', { padded: false }),
    ],
  },
  {
    experiment: 'dead-units',
    seeds: seeds(3),
    activations: true,
    arms: [
      arm('relu', 'ReLU'),
      arm('relu-fast', 'ReLU, five times the rate', { learningRate: 0.1 }),
      arm('leaky-fast', 'leaky ReLU, five times the rate', { learningRate: 0.1, activation: 'leakyRelu' }),
      arm('tanh', 'tanh', { activation: 'tanh' }),
      arm('tanh-large', 'tanh, weights five times as large', { activation: 'tanh', weightScale: 5 }),
      arm('sigmoid', 'sigmoid', { activation: 'sigmoid' }),
    ],
  },
  {
    experiment: 'fashion-two-convolutions',
    seeds: seeds(3),
    details: true,
    arms: [arm('default', 'two convolutions', { epochs: 12 })],
  },
  { experiment: 'fashion-mlp', seeds: seeds(3), arms: [arm('default', '784-256-128-64-10')] },
  {
    experiment: 'alexnet-like-on-cifar-10',
    seeds: seeds(3),
    arms: [
      arm('local-response', 'local response normalisation', short),
      arm('none', 'no normalisation', { ...short, normalization: 'none' }),
      arm('batch', 'batch normalisation', { ...short, normalization: 'batch' }),
      arm('no-augmentation', 'local response, no augmentation', { ...short, augment: false }),
      arm('sgd', 'local response, SGD without momentum', { ...short, momentum: 0 }),
      arm('adam', 'local response, Adam', { ...short, optimizer: 'adam', learningRate: 0.001, weightDecay: 0 }),
      arm('augmented', 'twelve epochs, augmented', twelve, 1),
      arm('as-they-are', 'twelve epochs, as they are', { ...twelve, augment: false }, 1),
    ],
  },
  {
    experiment: 'vgg-on-cifar-10',
    seeds: seeds(3),
    arms: [
      arm('small', 'six 3x3 convolutions with batch norm', { ...short, size: 'small' }),
      arm('small-plain', 'the same without batch norm', { ...short, size: 'small', batchNorm: false }),
    ],
  },
  ...publishedRecordings,
]
