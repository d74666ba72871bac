// What books, examples and benchmarks report for small convolution nets on 28x28 pictures; errors as fractions.
import type { PublishedReference } from '@ddlf/lab/experiments'

type Row = Pick<PublishedReference, 'id' | 'protocol' | 'value' | 'tolerance'>

const from = (source: PublishedReference['source'], rows: readonly Row[]): PublishedReference[] =>
  rows.map(row => ({ ...row, source, metric: 'error', comparable: 'same protocol' }))

const karpathy = {
  citation: 'Karpathy, Deep neural nets: 33 years ago and 33 years from now, 2022',
  url: 'https://github.com/karpathy/lecun1989-repro',
  table: 'repro.py and modern.py',
} as const
const nielsen = {
  citation: 'Nielsen, Neural networks and deep learning, 2015',
  url: 'http://neuralnetworksanddeeplearning.com/chap6.html',
  table: 'chapter 6',
} as const
const kerasConvnet = {
  citation: 'Chollet, Simple MNIST convnet, 2020',
  url: 'https://github.com/keras-team/keras-io/blob/master/examples/vision/mnist_convnet.py',
  table: 'evaluation',
} as const
const caffe = {
  citation: 'Jia, Shelhamer et al., Caffe, training LeNet on MNIST, 2014',
  url: 'https://github.com/BVLC/caffe/tree/master/examples/mnist',
  table: 'readme',
} as const
const tutorials = {
  citation: 'LISA lab, Deep learning tutorials, 2013',
  url: 'https://github.com/lisa-lab/DeepLearningTutorials',
  table: 'doc/lenet',
} as const
const cntk = {
  citation: 'Microsoft, CNTK examples, 2016',
  url: 'https://github.com/microsoft/CNTK/tree/master/Examples/Image/GettingStarted',
  table: 'README',
} as const
const d2l = {
  citation: 'Zhang, Lipton, Li and Smola, Dive into deep learning, 2021',
  url: 'https://d2l.ai/chapter_optimization/lr-scheduler.html',
  table: 'outputs of lr-scheduler',
} as const
const kerasMixup = {
  citation: 'Paul, MixUp augmentation for image classification, 2021',
  url: 'https://github.com/keras-team/keras-io/blob/master/examples/vision/mixup.py',
  table: 'evaluation',
} as const
const deepobs = {
  citation: 'Schneider, Balles and Hennig, DeepOBS: a deep learning optimizer benchmark suite, 2019',
  url: 'https://github.com/fsschneider/DeepOBS_Baselines',
  table: 'fmnist_2c2d, ten seeds',
} as const

const modern = 'the net of 1989, cross-entropy, AdamW'

/** On MNIST. The spread of an error over 2,007 test digits is that of a share. */
export const smallNetsOnMnist: readonly PublishedReference[] = [
  ...from(karpathy, [
    { id: 'karpathy-1989', protocol: 'the net of 1989, 7,291 digits, 23 passes', value: 0.0409, tolerance: 0.0044 },
    { id: 'karpathy-softmax', protocol: 'the net of 1989, cross-entropy', value: 0.0438, tolerance: 0.0046 },
    { id: 'karpathy-adamw', protocol: `${modern}, 46 passes`, value: 0.0359, tolerance: 0.0042 },
    { id: 'karpathy-shifts', protocol: `${modern}, shifts by a pixel, 60 passes`, value: 0.0219, tolerance: 0.0033 },
    {
      id: 'karpathy-modern', protocol: `${modern}, shifts, dropout and ReLU, 80 passes`, value: 0.0159,
      tolerance: 0.0028,
    },
  ]),
  ...from(nielsen, [
    { id: 'nielsen-dense', protocol: 'a dense layer of 100, 60 epochs', value: 0.022 },
    { id: 'nielsen-one', protocol: 'one convolution of 20 maps', value: 0.0122 },
    { id: 'nielsen-two', protocol: 'two convolutions of 20 and 40 maps', value: 0.0094 },
    { id: 'nielsen-relu', protocol: 'two convolutions, ReLU, L2', value: 0.0077 },
  ]),
  ...from(kerasConvnet, [{ id: 'keras-convnet', protocol: 'two convolutions, Adam, 15 epochs', value: 0.0078 }]),
  ...from(caffe, [{ id: 'caffe-lenet', protocol: 'LeNet, 10,000 steps of 64', value: 0.0103 }]),
  ...from(tutorials, [
    { id: 'tutorials-lenet', protocol: 'LeNet with tanh, 178 epochs', value: 0.0092 },
  ]),
  ...from(cntk, [
    { id: 'cntk-one', protocol: 'one convolution of 16 maps', value: 0.0122 },
    { id: 'cntk-dropout', protocol: 'one convolution of 16 maps, dropout', value: 0.011 },
    { id: 'cntk-norm', protocol: 'one convolution of 16 maps, batch norm', value: 0.0096 },
  ]),
]

/** On Fashion-MNIST. */
export const smallNetsOnFashion: readonly PublishedReference[] = [
  ...from(d2l, [
    { id: 'd2l-constant', protocol: 'LeNet with ReLU, 30 epochs at 0.3', value: 0.123 },
    { id: 'd2l-root', protocol: 'LeNet with ReLU, 0.1 over the root of the epoch', value: 0.114 },
    { id: 'd2l-steps', protocol: 'LeNet with ReLU, 0.5 halved twice before it starts', value: 0.131 },
    { id: 'd2l-cosine', protocol: 'LeNet with ReLU, from 0.3 along a cosine', value: 0.096 },
    { id: 'd2l-warm', protocol: 'LeNet with ReLU, along a cosine behind a warm-up', value: 0.099 },
  ]),
  ...from(kerasMixup, [
    { id: 'keras-without-mixup', protocol: 'two convolutions, 10 epochs', value: 0.1355 },
    { id: 'keras-mixup', protocol: 'two convolutions, mixup 0.2, 10 epochs', value: 0.132 },
  ]),
  ...from(deepobs, [
    { id: 'deepobs-adam', protocol: '2c2d, Adam, 10 epochs', value: 0.0901, tolerance: 0.0036 },
    { id: 'deepobs-sgd', protocol: '2c2d, SGD, 10 epochs', value: 0.0976, tolerance: 0.0074 },
    { id: 'deepobs-momentum', protocol: '2c2d, momentum 0.99, 10 epochs', value: 0.094, tolerance: 0.0056 },
  ]),
]
