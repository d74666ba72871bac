// What books, examples and tutorials report for perceptrons on MNIST; values are test errors as fractions.
import type { PublishedReference } from '@ddlf/lab/experiments'

type Row = Pick<PublishedReference, 'id' | 'protocol' | 'value' | 'tolerance' | 'part' | 'epoch'>

const from = (source: PublishedReference['source'], rows: readonly Row[]): PublishedReference[] =>
  rows.map(row => ({ ...row, source, metric: 'error', comparable: 'same protocol' }))

const nielsen = (chapter: number) => ({
  citation: 'Nielsen, Neural networks and deep learning, 2015',
  url: `http://neuralnetworksanddeeplearning.com/chap${chapter}.html`,
  table: `chapter ${chapter}`,
})

/** The numbers behind figures of chapter 3, as the book's repository keeps them. */
const nielsenFigures = (file: string) => ({
  citation: 'Nielsen, Neural networks and deep learning, 2015',
  url: 'https://github.com/mnielsen/neural-networks-and-deep-learning/tree/master/fig',
  table: file,
})

/** The error on held-out digits by how many were learned from, each in 150,000 steps. */
export const NIELSEN_DIGITS = [
  [100, 0.3091], [200, 0.2363], [500, 0.1471], [1000, 0.1115], [2000, 0.0873], [5000, 0.0676], [10_000, 0.0511],
  [20_000, 0.0415], [50_000, 0.0403],
] as const

/** Of Nielsen's chapters 1, 3 and 5. */
export const booksOnMnist: readonly PublishedReference[] = [
  ...from(nielsen(1), [
    { id: 'nielsen-first-30', protocol: '30 sigmoids, squared error, rate 3', value: 0.0458, epoch: 'best' },
    { id: 'nielsen-first-100', protocol: '100 sigmoids, squared error, rate 3', value: 0.0341 },
    { id: 'nielsen-slow', protocol: '100 sigmoids, rate 0.001, 29 epochs', value: 0.7877 },
  ]),
  ...from(nielsen(3), [
    { id: 'nielsen-entropy-30', protocol: '30 sigmoids, cross-entropy, rate 0.5', value: 0.0451 },
    { id: 'nielsen-entropy-100', protocol: '100 sigmoids, cross-entropy, rate 0.5', value: 0.0318 },
    { id: 'nielsen-few', protocol: '1,000 digits, 400 epochs', value: 0.1773, epoch: 'best' },
    { id: 'nielsen-few-decay', protocol: '1,000 digits, 400 epochs, L2', value: 0.129, epoch: 'best' },
    { id: 'nielsen-decay-30', protocol: '30 sigmoids, L2', value: 0.0351, epoch: 'best' },
    { id: 'nielsen-decay-100', protocol: '100 sigmoids, L2', value: 0.0208, part: 'validation' },
    { id: 'nielsen-decay-slow', protocol: '100 sigmoids, L2, rate 0.1, 60 epochs', value: 0.0196, part: 'validation' },
  ]),
  // What the figures of the chapter were drawn from.
  ...from(nielsenFigures('weight_initialization_30.json and _100.json'), [
    {
      id: 'nielsen-wide-start', protocol: '30 sigmoids, weights of deviation 1, first epoch', value: 0.1357,
      part: 'validation',
    },
    {
      id: 'nielsen-narrow-start', protocol: 'weights of deviation 1 / sqrt(inputs), first epoch', value: 0.073,
      part: 'validation',
    },
    { id: 'nielsen-wide-30', protocol: '30 sigmoids, deviation 1, 30 epochs', value: 0.0363, part: 'validation' },
    { id: 'nielsen-wide-100', protocol: '100 sigmoids, deviation 1', value: 0.0258, part: 'validation' },
    {
      id: 'nielsen-narrow-100', protocol: '100 sigmoids, deviation 1 / sqrt(inputs)', value: 0.0219,
      part: 'validation',
    },
  ]),
  ...from(
    nielsenFigures('more_data.json'),
    NIELSEN_DIGITS.map(([digits, value]) => ({
      id: `nielsen-digits-${digits}`, protocol: `30 sigmoids, L2, ${digits.toLocaleString('en')} digits`, value,
      part: 'validation',
    })),
  ),
  ...from(nielsen(5), [
    { id: 'nielsen-deep-1', protocol: 'one hidden layer of 30', value: 0.0352, part: 'validation' },
    { id: 'nielsen-deep-2', protocol: 'two hidden layers of 30', value: 0.031, part: 'validation' },
    { id: 'nielsen-deep-3', protocol: 'three hidden layers of 30', value: 0.0343, part: 'validation' },
    { id: 'nielsen-deep-4', protocol: 'four hidden layers of 30', value: 0.0347, part: 'validation' },
  ]),
]

/** Of examples and tutorials. */
export const examplesOnMnist: readonly PublishedReference[] = [
  ...from(
    {
      citation: 'LISA lab, Deep learning tutorials, 2013',
      url: 'https://github.com/lisa-lab/DeepLearningTutorials',
      table: 'doc/logreg',
    },
    [{ id: 'tutorials-logistic', protocol: 'softmax regression, rate 0.13, 73 epochs', value: 0.0749 }],
  ),
  ...from(
    {
      citation: 'Chollet et al., Keras, mnist_mlp, 2015',
      url: 'https://github.com/keras-team/keras/blob/33c4e162/examples/mnist_mlp.py',
      table: 'docstring',
    },
    [{ id: 'keras-perceptron', protocol: '512 + 512 ReLU, dropout, RMSprop, 20 epochs', value: 0.016 }],
  ),
  ...from(
    {
      citation: 'Microsoft, CNTK examples, 2016',
      url: 'https://github.com/microsoft/CNTK/tree/master/Examples/Image/GettingStarted',
      table: 'README',
    },
    [{ id: 'cntk-hidden', protocol: '200 ReLU, 10 epochs', value: 0.0176 }],
  ),
]
