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

/** Published test errors, from the oldest. */
export const published: readonly PublishedReference[] = [
  { id: 'lecun-1998-linear', source: lecun, protocol: 'linear classifier, 1 layer', metric: 'error', value: 0.12, comparable: 'different' },
  { id: 'lecun-1998-300', source: lecun, protocol: '300 hidden units, mean square error', metric: 'error', value: 0.047, comparable: 'different' },
  { id: 'lecun-1998-1000', source: lecun, protocol: '1000 hidden units', metric: 'error', value: 0.045, comparable: 'different' },
  { id: 'lecun-1998-300-100', source: lecun, protocol: '300 + 100 hidden units', metric: 'error', value: 0.0305, comparable: 'different' },
  { id: 'lecun-1998-500-150', source: lecun, protocol: '500 + 150 hidden units', metric: 'error', value: 0.0295, comparable: 'different' },
  { id: 'simard-2003-800', source: simard, protocol: '800 hidden units, cross-entropy', metric: 'error', value: 0.016, comparable: 'different' },
]
