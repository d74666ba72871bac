// What others reported for multilayer perceptrons on MNIST; values are test errors as fractions.
import type { PublishedReference } from '@ddlf/lab/experiments'
import type { PublishedClaim } from '../../topic.ts'

const lecun = {
  citation: 'LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998',
  url: 'http://yann.lecun.com/exdb/mnist/',
  table: 'table of test errors',
} as const

const simard = {
  citation: 'Simard, Steinkraus and Platt, Best practices for convolutional neural networks applied to visual ' +
    'document analysis, 2003',
  url: 'http://yann.lecun.com/exdb/mnist/',
  table: 'table of test errors',
} as const

const keskar = {
  citation: 'Keskar, Mudigere, Nocedal, Smelyanskiy and Tang, On large-batch training for deep learning: ' +
    'generalization gap and sharp minima, 2017',
  url: 'https://arxiv.org/abs/1609.04836',
  table: 'table 2, network F1',
} as const

const srivastava = {
  citation: 'Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent neural ' +
    'networks from overfitting, 2014',
  url: 'https://jmlr.org/papers/v15/srivastava14a.html',
  table: 'table 2',
} as const

const wan = {
  citation: 'Wan, Zeiler, Zhang, LeCun and Fergus, Regularization of neural networks using DropConnect, 2013',
  url: 'https://proceedings.mlr.press/v28/wan13.html',
  table: 'MNIST results',
} as const

const ciresan = {
  citation: 'Ciresan, Meier, Gambardella and Schmidhuber, Deep big simple neural nets excel on handwritten digit ' +
    'recognition, 2010',
  url: 'https://arxiv.org/abs/1003.0358',
  table: 'table 1',
} as const

const hinton = {
  citation: 'Hinton, Vinyals and Dean, Distilling the knowledge in a neural network, 2015',
  url: 'https://arxiv.org/abs/1503.02531',
  table: 'section 3',
} as const

const kingma = {
  citation: 'Kingma and Ba, Adam: a method for stochastic optimization, 2015',
  url: 'https://arxiv.org/abs/1412.6980',
} as const

const belkin = {
  citation: 'Belkin, Hsu, Ma and Mandal, Reconciling modern machine-learning practice and the classical ' +
    'bias-variance trade-off, 2019',
  url: 'https://arxiv.org/abs/1812.11118',
  table: 'the figure of a net on MNIST',
} as const

const hintonPage = {
  citation: 'Hinton, unpublished, on the page of MNIST results of LeCun, Cortes and Burges, 2005',
  url: 'http://yann.lecun.com/exdb/mnist/',
  table: 'table of test errors',
} as const

const srivastavaWide = { ...srivastava, table: 'table 9, 784-1024-1024-2048-10' } as const

/** Published test errors, from the oldest. */
export const published: readonly PublishedReference[] = [
  {
    id: 'lecun-1998-linear',
    source: lecun,
    protocol: 'linear classifier, 1 layer',
    metric: 'error',
    value: 0.12,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-linear-deskewed',
    source: lecun,
    protocol: 'linear classifier, deskewed digits',
    metric: 'error',
    value: 0.084,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-300',
    source: lecun,
    protocol: '300 hidden units, mean square error',
    metric: 'error',
    value: 0.047,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-300-distorted',
    source: lecun,
    protocol: '300 hidden units, distorted digits',
    metric: 'error',
    value: 0.036,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-300-deskewed',
    source: lecun,
    protocol: '300 hidden units, deskewed digits',
    metric: 'error',
    value: 0.016,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-1000',
    source: lecun,
    protocol: '1000 hidden units',
    metric: 'error',
    value: 0.045,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-1000-distorted',
    source: lecun,
    protocol: '1000 hidden units, distorted digits',
    metric: 'error',
    value: 0.038,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-300-100',
    source: lecun,
    protocol: '300 + 100 hidden units',
    metric: 'error',
    value: 0.0305,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-300-100-distorted',
    source: lecun,
    protocol: '300 + 100 hidden units, distorted digits',
    metric: 'error',
    value: 0.025,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-500-150',
    source: lecun,
    protocol: '500 + 150 hidden units',
    metric: 'error',
    value: 0.0295,
    comparable: 'different',
  },
  {
    id: 'lecun-1998-500-150-distorted',
    source: lecun,
    protocol: '500 + 150 hidden units, distorted digits',
    metric: 'error',
    value: 0.0245,
    comparable: 'different',
  },
  {
    id: 'hinton-2005-500-300',
    source: hintonPage,
    protocol: '500 + 300 hidden units, cross-entropy, weight decay',
    metric: 'error',
    value: 0.0153,
    comparable: 'different',
  },
  {
    id: 'simard-2003-800',
    source: simard,
    protocol: '800 hidden units, cross-entropy',
    metric: 'error',
    value: 0.016,
    comparable: 'different',
  },
  {
    id: 'simard-2003-800-affine',
    source: simard,
    protocol: '800 hidden units, cross-entropy, affine distortions',
    metric: 'error',
    value: 0.011,
    comparable: 'shorter schedule',
  },
  {
    id: 'simard-2003-800-elastic-mse',
    source: simard,
    protocol: '800 hidden units, mean square error, elastic distortions',
    metric: 'error',
    value: 0.009,
    comparable: 'shorter schedule',
  },
  {
    id: 'simard-2003-800-elastic',
    source: simard,
    protocol: '800 hidden units, cross-entropy, elastic distortions',
    metric: 'error',
    value: 0.007,
    comparable: 'shorter schedule',
  },
  {
    id: 'ciresan-2010',
    source: ciresan,
    protocol: '2500-2000-1500-1000-500, elastic distortions',
    metric: 'error',
    value: 0.0035,
    comparable: 'different',
  },
  {
    id: 'wan-2013-800',
    source: wan,
    protocol: '800 + 800 hidden units, DropConnect',
    metric: 'error',
    value: 0.012,
    tolerance: 0.00034,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-standard',
    source: srivastava,
    protocol: '2 x 800 logistic units, no dropout',
    metric: 'error',
    value: 0.016,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-dropout-logistic',
    source: srivastava,
    protocol: '3 x 1024 logistic units, dropout',
    metric: 'error',
    value: 0.0135,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-dropout',
    source: srivastava,
    protocol: '3 x 1024 ReLU, dropout',
    metric: 'error',
    value: 0.0125,
    comparable: 'shorter schedule',
  },
  {
    id: 'srivastava-2014-max-norm',
    source: srivastava,
    protocol: '3 x 1024 ReLU, dropout and max-norm',
    metric: 'error',
    value: 0.0106,
    comparable: 'shorter schedule',
  },
  {
    id: 'srivastava-2014-max-norm-4096',
    source: srivastava,
    protocol: '2 x 4096 ReLU, dropout and max-norm',
    metric: 'error',
    value: 0.0101,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-max-norm-8192',
    source: srivastava,
    protocol: '2 x 8192 ReLU, dropout and max-norm',
    metric: 'error',
    value: 0.0095,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-maxout',
    source: srivastava,
    protocol: '2 x (5 x 240) maxout, dropout',
    metric: 'error',
    value: 0.0094,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-wide-l2',
    source: srivastavaWide,
    protocol: 'L2',
    metric: 'error',
    value: 0.0162,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-wide-l2-l1',
    source: srivastavaWide,
    protocol: 'L2 and L1',
    metric: 'error',
    value: 0.016,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-wide-l2-kl',
    source: srivastavaWide,
    protocol: 'L2 and KL sparsity',
    metric: 'error',
    value: 0.0155,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-wide-max-norm',
    source: srivastavaWide,
    protocol: 'max-norm',
    metric: 'error',
    value: 0.0135,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-wide-dropout-l2',
    source: srivastavaWide,
    protocol: 'dropout and L2',
    metric: 'error',
    value: 0.0125,
    comparable: 'different',
  },
  {
    id: 'srivastava-2014-wide-dropout-max-norm',
    source: srivastavaWide,
    protocol: 'dropout and max-norm',
    metric: 'error',
    value: 0.0105,
    comparable: 'different',
  },
  {
    id: 'hinton-2015-teacher',
    source: hinton,
    protocol: '1200 + 1200 ReLU, dropout, weight constraints, digits moved by up to 2 pixels',
    metric: 'error',
    value: 0.0067,
    comparable: 'shorter schedule',
  },
  {
    id: 'hinton-2015-plain',
    source: hinton,
    protocol: '800 + 800 ReLU, no regularisation',
    metric: 'error',
    value: 0.0146,
    comparable: 'shorter schedule',
  },
  {
    id: 'hinton-2015-distilled',
    source: hinton,
    protocol: '800 + 800 ReLU, distilled at temperature 20',
    metric: 'error',
    value: 0.0074,
    comparable: 'shorter schedule',
  },
  {
    id: 'hinton-2015-without-threes',
    source: hinton,
    protocol: '800 + 800 ReLU, distilled on digits without any 3',
    metric: 'error',
    value: 0.0206,
    comparable: 'shorter schedule',
  },
  {
    id: 'keskar-2017-f1-small',
    source: keskar,
    protocol: '5 x 512 with batch norm, Adam, batch 256',
    metric: 'error',
    value: 0.0197,
    tolerance: 0.0007,
    comparable: 'shorter schedule',
  },
  {
    id: 'keskar-2017-f1-large',
    source: keskar,
    protocol: '5 x 512 with batch norm, Adam, batch 6000',
    metric: 'error',
    value: 0.0219,
    tolerance: 0.0007,
    comparable: 'shorter schedule',
  },
]

/** Test errors with the bias of a digit raised that the net was never shown. */
export const raisedAfterwards: readonly PublishedReference[] = [
  {
    id: 'hinton-2015-without-threes-corrected',
    source: hinton,
    protocol: '800 + 800 ReLU, distilled without any 3, the bias of the 3 raised afterwards',
    metric: 'raisedError',
    value: 0.0109,
    comparable: 'shorter schedule',
  },
]

const frankle = {
  citation: 'Frankle and Carbin, The lottery ticket hypothesis: finding sparse, trainable neural networks, 2019',
  url: 'https://arxiv.org/abs/1803.03635',
  table: 'section 2',
} as const

/** What others claim of perceptrons on MNIST without giving a test error of it. */
export const claims: readonly PublishedClaim[] = [
  {
    id: 'keskar-2017-sharpness',
    source: { ...keskar, table: 'table 3' },
    claim:
      'The minimum of the large batch is sharper: at a box of 0.001 the loss can rise by 205 ± 70 %, around the ' +
      'minimum of the small batch by 1.2 ± 0.8 %.',
  },
  {
    id: 'keskar-2017-sharpness-half',
    source: { ...keskar, table: 'table 3' },
    claim:
      'The minimum of the large batch is sharper: at a box of 0.0005 the loss can rise by 43 ± 17 %, around the ' +
      'minimum of the small batch by 0.6 ± 0.3 %.',
  },
  {
    id: 'keskar-2017-subspace',
    source: { ...keskar, table: 'table 4' },
    claim:
      'The minimum of the large batch is sharper on a random subspace of 100 dimensions: the loss can rise by ' +
      '9.2 ± 0.6 % against 0.1 % at a box of 0.001, by 9.2 ± 0.1 % against 0.05 % at one of 0.0005.',
  },
  {
    id: 'ioffe-2015-sigmoid',
    source: {
      citation:
        'Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate ' +
        'shift, 2015',
      url: 'https://arxiv.org/abs/1502.03167',
      table: 'section 4.1, a figure',
    },
    claim: 'With batch norm a net of 3 x 100 sigmoids trains faster and ends higher.',
  },
  {
    id: 'kingma-2015-adagrad',
    source: { ...kingma, table: 'figure 1' },
    claim: 'On logistic regression Adam lowers the training loss faster than Adagrad.',
  },
  {
    id: 'kingma-2015-nesterov',
    source: { ...kingma, table: 'figure 1' },
    claim: 'On logistic regression Adam lowers the training loss as fast as Nesterov momentum.',
  },
  {
    id: 'kingma-2015-mlp',
    source: { ...kingma, table: 'figure 2' },
    claim: 'On a net of 1000 + 1000 ReLU with dropout Adam lowers the training loss fastest.',
  },
  {
    id: 'belkin-2019-rise',
    source: belkin,
    claim:
      'Around as many parameters as there are numbers to fit, 50 hidden units for 4,000 digits, the test loss rises ' +
      'with the width.',
  },
  {
    id: 'belkin-2019-fall',
    source: belkin,
    claim: 'Beyond as many parameters as there are numbers to fit, the test loss falls again with the width.',
  },
  {
    id: 'frankle-2019-tickets',
    source: frankle,
    claim: 'LeNet-300-100 holds subnets that match it when trained alone, down to 3.6 % of its weights.',
  },
  {
    id: 'frankle-2019-sooner',
    source: frankle,
    claim: 'At 21 % of its weights, subnets of LeNet-300-100 that match it stop early 38 % sooner.',
  },
  {
    id: 'zhang-2017-random',
    source: {
      citation:
        'Zhang, Bengio, Hardt, Recht and Vinyals, Understanding deep learning requires rethinking generalization, 2017',
      url: 'https://arxiv.org/abs/1611.03530',
      table: 'table 1',
    },
    claim:
      'A net of 3 x 512 fits CIFAR-10 with random labels as fully as with the true ones (100 %), and then reads new ' +
      'images at chance (10.5 % against 52 to 53 % right).',
  },
]
