// What others reported for multilayer perceptrons on MNIST; values are test errors as fractions.
import type { PublishedReference } from '@ddlf/lab'

const lecun = {
  citation: 'LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998',
  url: 'http://yann.lecun.com/exdb/mnist/',
  table: 'table of test errors',
} as const

const simard = {
  citation: 'Simard, Steinkraus and Platt, Best practices for convolutional neural networks applied to visual document analysis, 2003',
  url: 'http://yann.lecun.com/exdb/mnist/',
  table: 'table of test errors',
} as const

const keskar = {
  citation: 'Keskar, Mudigere, Nocedal, Smelyanskiy and Tang, On large-batch training for deep learning: generalization gap and sharp minima, 2017',
  url: 'https://arxiv.org/abs/1609.04836',
  table: 'table 2, network F1',
} as const

const srivastava = {
  citation: 'Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent neural networks from overfitting, 2014',
  url: 'https://jmlr.org/papers/v15/srivastava14a.html',
  table: 'table 2',
} as const

const wan = {
  citation: 'Wan, Zeiler, Zhang, LeCun and Fergus, Regularization of neural networks using DropConnect, 2013',
  url: 'https://proceedings.mlr.press/v28/wan13.html',
  table: 'MNIST results',
} as const

const ciresan = {
  citation: 'Ciresan, Meier, Gambardella and Schmidhuber, Deep big simple neural nets excel on handwritten digit recognition, 2010',
  url: 'https://arxiv.org/abs/1003.0358',
  table: 'table 1',
} as const

const hinton = {
  citation: 'Hinton, Vinyals and Dean, Distilling the knowledge in a neural network, 2015',
  url: 'https://arxiv.org/abs/1503.02531',
  table: 'section 3',
} as const

/** Published test errors, from the oldest. */
export const published: readonly PublishedReference[] = [
  { id: 'lecun-1998-linear', source: lecun, protocol: 'linear classifier, 1 layer', metric: 'error', value: 0.12, comparable: 'different' },
  { id: 'lecun-1998-300', source: lecun, protocol: '300 hidden units, mean square error', metric: 'error', value: 0.047, comparable: 'different' },
  { id: 'lecun-1998-1000', source: lecun, protocol: '1000 hidden units', metric: 'error', value: 0.045, comparable: 'different' },
  { id: 'lecun-1998-300-100', source: lecun, protocol: '300 + 100 hidden units', metric: 'error', value: 0.0305, comparable: 'different' },
  { id: 'lecun-1998-500-150', source: lecun, protocol: '500 + 150 hidden units', metric: 'error', value: 0.0295, comparable: 'different' },
  { id: 'simard-2003-800', source: simard, protocol: '800 hidden units, cross-entropy', metric: 'error', value: 0.016, comparable: 'different' },
  { id: 'ciresan-2010', source: ciresan, protocol: '2500-2000-1500-1000-500, elastic distortions', metric: 'error', value: 0.0035, comparable: 'different' },
  { id: 'wan-2013-800', source: wan, protocol: '800 + 800 hidden units, DropConnect', metric: 'error', value: 0.012, tolerance: 0.00034, comparable: 'different' },
  { id: 'srivastava-2014-standard', source: srivastava, protocol: '2 x 800 logistic units, no dropout', metric: 'error', value: 0.016, comparable: 'different' },
  { id: 'srivastava-2014-dropout', source: srivastava, protocol: '3 x 1024 ReLU, dropout', metric: 'error', value: 0.0125, comparable: 'shorter schedule' },
  { id: 'srivastava-2014-max-norm', source: srivastava, protocol: '3 x 1024 ReLU, dropout and max-norm', metric: 'error', value: 0.0106, comparable: 'shorter schedule' },
  { id: 'hinton-2015-plain', source: hinton, protocol: '800 + 800 ReLU, no regularisation', metric: 'error', value: 0.0146, comparable: 'shorter schedule' },
  { id: 'hinton-2015-distilled', source: hinton, protocol: '800 + 800 ReLU, distilled at temperature 20', metric: 'error', value: 0.0074, comparable: 'different' },
  { id: 'keskar-2017-f1-small', source: keskar, protocol: '5 x 512 with batch norm, Adam, batch 256', metric: 'error', value: 0.0197, tolerance: 0.0007, comparable: 'shorter schedule' },
  { id: 'keskar-2017-f1-large', source: keskar, protocol: '5 x 512 with batch norm, Adam, batch 6000', metric: 'error', value: 0.0219, tolerance: 0.0007, comparable: 'shorter schedule' },
]
