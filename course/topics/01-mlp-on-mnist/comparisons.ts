// What of ours stands beside what others published for Days 1-2, and what was not run.
import type { PublishedRow } from '../../topic.ts'
import { NIELSEN_DIGITS } from './published-books.ts'
import { trainingFlop } from './training-flop.ts'

const asOf1998 = 'squared error and their units; rate, batches of 32 and 20 passes are ours'

/** Two rows of a net of 1998, on digits as they are and on digits drawn anew. @param hidden units of each layer */
const ofTheirDay = (hidden: readonly number[]): readonly PublishedRow[] => {
  const name = hidden.join('-')
  const flop = trainingFlop([784, ...hidden, 10], 20 * 60e3)
  const row = { experiment: 'perceptrons-of-1998', comparable: 'different', flop } as const
  return [
    { ...row, id: `lecun-1998-${name}`, arm: name, note: asOf1998 },
    {
      ...row, id: `lecun-1998-${name}-distorted`, arm: `${name}-distorted`,
      note: `${asOf1998}, as is the extent of the changes`,
    },
  ]
}

const byTheirCode = "rate and momentum as in their code,"
const REBUILT = 'cross-entropy, ReLU, 12 epochs'

const perEpoch = (...layers: readonly number[]) => trainingFlop([784, ...layers, 10], 50e3)

/** The networks of Nielsen's book, by the arm that runs each. */
const nielsen: readonly PublishedRow[] = [
  ...Object.entries({
    'first-30': 30 * perEpoch(30), 'first-100': 30 * perEpoch(100), 'slow': 29 * perEpoch(100),
    'entropy-30': 30 * perEpoch(30), 'entropy-100': 30 * perEpoch(100), 'few': 8 * perEpoch(30),
    'few-decay': 8 * perEpoch(30), 'decay-30': 30 * perEpoch(30), 'decay-100': 30 * perEpoch(100),
    'decay-slow': 60 * perEpoch(100), 'wide-start': perEpoch(30), 'narrow-start': perEpoch(30),
    'wide-30': 30 * perEpoch(30), 'wide-100': 30 * perEpoch(100), 'narrow-100': 30 * perEpoch(100),
  }),
  ...[1, 2, 3, 4].map(count => [`deep-${count}`, 30 * perEpoch(...Array<number>(count).fill(30))] as const),
].map(([arm, flop]) => ({
  id: `nielsen-${arm}`, experiment: 'nielsen-perceptrons', arm, flop,
  ...(arm === 'first-100' && { note: 'one of three starts never learns one of the digits, the others are met' }),
  ...(arm === 'wide-start' && { note: 'the text of the book says: under 87 % are right' }),
  ...(arm === 'narrow-start' && { note: 'the text of the book says: almost 93 % are right' }),
  ...(arm === 'first-30' && { reason: 'The book shows one run; ours begin otherwise.' }),
  ...(['decay-100', 'decay-slow'].includes(arm) && {
    reason: 'By network2.py; one run in the book. Not found yet.',
  }),
  ...(arm === 'decay-30' && { note: "the best epoch, as the numbers behind the book's figure show" }),
}))

const nielsenByDigits: readonly PublishedRow[] = NIELSEN_DIGITS.map(([digits]) => ({
  id: `nielsen-digits-${digits}`, experiment: 'nielsen-by-digits', arm: `digits-${digits}`, flop: 30 * perEpoch(30),
  ...(digits === 20_000 && { reason: 'One run in the book, at the edge of our interval.' }),
}))

export const comparisons: readonly PublishedRow[] = [
  {
    id: 'lecun-1998-linear', experiment: 'mlp-linear-classifier', arm: 'squared',
    note: 'squared error, SGD with momentum',
  },
  {
    id: 'lecun-1998-linear-deskewed', experiment: 'perceptrons-of-1998', arm: 'linear-upright',
    comparable: 'different', flop: trainingFlop([784, 10], 10 * 60e3), note: asOf1998,
  },
  { id: 'lecun-1998-300', experiment: 'mlp-lecun-baselines', arm: '300', note: REBUILT },
  ...ofTheirDay([300]),
  {
    id: 'lecun-1998-300-deskewed', experiment: 'perceptrons-of-1998', arm: '300-upright', comparable: 'different',
    flop: trainingFlop([784, 300, 10], 20 * 60e3), note: `${asOf1998}; 28 by 28 pixels, theirs are 20 by 20`,
  },
  { id: 'lecun-1998-1000', experiment: 'mlp-lecun-baselines', arm: '1000', note: REBUILT },
  ...ofTheirDay([1000]),
  { id: 'lecun-1998-300-100', experiment: 'mlp-lecun-baselines', arm: '300-100', note: REBUILT },
  ...ofTheirDay([300, 100]),
  { id: 'lecun-1998-500-150', experiment: 'mlp-lecun-baselines', arm: '500-150', note: REBUILT },
  ...ofTheirDay([500, 150]),
  {
    id: 'hinton-2005-500-300', experiment: 'mlp-weight-decay', arm: 'l2-0.00003', note: 'L2 penalty 0.00003, 12 epochs',
  },
  { id: 'simard-2003-800', experiment: 'mlp-lecun-baselines', arm: '800', note: `${REBUILT}, no distortions` },
  {
    id: 'simard-2003-800-affine', experiment: 'mlp-distortions', arm: 'affine',
    flop: trainingFlop([784, 800, 10], 20 * 60e3), note: '20 epochs; the extent of the changes is ours',
  },
  {
    id: 'simard-2003-800-elastic-mse', experiment: 'mlp-distortions', arm: 'elastic-squared',
    flop: trainingFlop([784, 800, 10], 20 * 60e3), note: '20 epochs, sigma 4 and alpha 34 as handed down',
  },
  {
    id: 'simard-2003-800-elastic', experiment: 'mlp-distortions', arm: 'elastic',
    flop: trainingFlop([784, 800, 10], 20 * 60e3), note: '20 epochs, sigma 4 and alpha 34 as handed down',
  },
  {
    id: 'ciresan-2010', flop: trainingFlop([784, 2500, 2000, 1500, 1000, 500, 10], 100 * 60e3),
    note: '100 epochs, the distortions not counted',
  },
  { id: 'srivastava-2014-standard', experiment: 'mlp-distillation', arm: 'labels', note: '2 x 800 ReLU, 15 epochs' },
  {
    id: 'srivastava-2014-dropout-logistic', experiment: 'logistic-perceptron-of-2014', comparable: 'shorter schedule',
    flop: trainingFlop([784, 1024, 1024, 1024, 10], 40 * 60e3),
    note: `${byTheirCode} over 40 epochs, the paper takes up to a million steps; first weights four times as wide`,
  },
  {
    id: 'srivastava-2014-dropout', experiment: 'mlp-dropout-and-max-norm', arm: 'dropout',
    flop: trainingFlop([784, 1024, 1024, 1024, 10], 100 * 60e3),
    note: '2 x 800 ReLU for 10 epochs; the cost is that of the published net for 100',
  },
  {
    id: 'srivastava-2014-max-norm', experiment: 'mlp-dropout-and-max-norm', arm: 'dropout-max-norm',
    flop: trainingFlop([784, 1024, 1024, 1024, 10], 100 * 60e3),
    note: '2 x 800 ReLU for 10 epochs; the cost is that of the published net for 100',
  },
  { id: 'srivastava-2014-max-norm-4096', flop: trainingFlop([784, 4096, 4096, 10], 100 * 60e3), note: '100 epochs' },
  { id: 'srivastava-2014-max-norm-8192', flop: trainingFlop([784, 8192, 8192, 10], 100 * 60e3), note: '100 epochs' },
  {
    id: 'srivastava-2014-maxout', experiment: 'maxout-perceptron', comparable: 'shorter schedule',
    flop: trainingFlop([784, 1200], 100 * 60e3) + 6 * (240 * 1200 + 240 * 10) * 100 * 60e3,
    note: 'settings of the code behind the paper; 100 epochs of all digits, theirs end by held-out ones',
  },
  ...['l2', 'l2-l1', 'l2-kl', 'max-norm', 'dropout-l2', 'dropout-max-norm'].map(how => ({
    id: `srivastava-2014-wide-${how}`, experiment: 'wide-perceptrons-of-2014', arm: how,
    comparable: 'shorter schedule' as const, flop: trainingFlop([784, 1024, 1024, 2048, 10], 30 * 60e3),
    note: `${byTheirCode} over 30 epochs; strengths are ours`,
  })),
  {
    id: 'wan-2013-800', experiment: 'drop-connect-perceptron', comparable: 'shorter schedule',
    flop: trainingFlop([784, 800, 800, 10], 60 * 60e3),
    note: '60 epochs, a mask for each batch; theirs: hundreds, a mask for each digit; rate 0.1 falling is ours',
  },
  { id: 'hinton-2015-teacher', experiment: 'mlp-teacher', note: '30 epochs' },
  { id: 'hinton-2015-plain', experiment: 'mlp-distillation', arm: 'labels', note: '15 epochs' },
  { id: 'hinton-2015-distilled', experiment: 'mlp-distillation', arm: 'teacher', note: '15 epochs' },
  { id: 'hinton-2015-without-threes', experiment: 'mlp-distillation', arm: 'without-threes', note: '15 epochs' },
  {
    id: 'hinton-2015-without-threes-corrected', experiment: 'mlp-raised-digit', arm: 'raised',
    flop: trainingFlop([784, 800, 800, 10], 15 * 54e3),
    note: '15 epochs; raised by what errs least on the test digits, as in the paper: the most it could gain',
  },
  { id: 'keskar-2017-f1-small', experiment: 'mlp-keskar-f1', arm: 'small', note: '12 epochs' },
  { id: 'keskar-2017-f1-large', experiment: 'mlp-keskar-f1', arm: 'large', note: '30 epochs' },
  {
    id: 'keskar-2017-sharpness', experiment: 'mlp-keskar-f1', worse: 'large', better: 'small',
    metric: 'sharpness/0.001', note: 'the order; the sizes stand in part 3',
    reason:
      'The order is as claimed for each of five seeds, which cannot show it at one in twenty; a sixth seed could.',
  },
  {
    id: 'keskar-2017-sharpness-half', experiment: 'mlp-keskar-f1', worse: 'large', better: 'small',
    metric: 'sharpness/0.0005', note: 'the order',
    reason: 'The order is as claimed for each of the same five seeds, which cannot show it.',
  },
  {
    id: 'keskar-2017-subspace', experiment: 'mlp-keskar-f1', worse: 'large', better: 'small',
    metric: 'sharpness/0.001/subspace', flop: 20 * 11 * trainingFlop([784, 512, 512, 512, 512, 512, 10], 5000),
    note: 'the order at 0.001, on 5,000 digits',
  },
  {
    id: 'ioffe-2015-sigmoid', experiment: 'mlp-batch-norm-sigmoid', worse: 'plain', better: 'norm',
    note: '50 epochs of 1,000 steps',
  },
  {
    id: 'kingma-2015-adagrad', experiment: 'mlp-optimizers-falling', worse: 'adagrad-0.3', better: 'adam-0.3',
    metric: 'train/loss', note: "each at its best rate of those tried; Adam's falls with the root of the step",
    reason: 'At their best rates the two end at the same loss; with a constant rate Adam ends higher.',
  },
  {
    id: 'kingma-2015-nesterov', experiment: 'mlp-optimizers', worse: 'nesterov-0.1', better: 'adam-0.003',
    metric: 'train/loss',
    note: 'each at its best rate of those tried, constant; the order is tested, equality cannot be',
  },
  {
    id: 'kingma-2015-mlp', experiment: 'mlp-optimizers-with-dropout', worse: 'adagrad-0.01', better: 'adam-0.001',
    metric: 'train/loss', flop: 3 * trainingFlop([784, 1000, 1000, 10], 8 * 60e3),
    note: 'against Adagrad, the next best of those tried; 8 epochs, half of the units dropped, rates by seed 1',
  },
  {
    id: 'belkin-2019-rise', experiment: 'mlp-double-descent', worse: 'clean-100', better: 'clean-25',
    note: 'test error of 100 against 25 units, 150 epochs of Adam; with wrong labels see the part before',
    reason:
      'Two seeds show no order. Without wrong labels the peak is low; with a fifth of the labels drawn anew it is ' +
      'there, see the memo.',
  },
  {
    id: 'belkin-2019-fall', experiment: 'mlp-double-descent', worse: 'clean-100', better: 'clean-800',
    note: 'test error of 100 against 800 units',
    reason: 'The order is as claimed; two seeds cannot show it.',
  },
  {
    id: 'frankle-2019-tickets', experiment: 'lottery-tickets', worse: 'dense', better: 'ticket-21',
    flop: 8 * trainingFlop([784, 300, 100, 10], 50e3 * 60),
    note: 'tested as: after seven prunings, at 21 % of the weights, the net errs less; 8 trainings of 50,000 steps',
  },
  {
    id: 'frankle-2019-sooner', experiment: 'lottery-tickets', worse: 'dense', better: 'ticket-21',
    metric: 'lowest-at/100/validation/loss', flop: 8 * trainingFlop([784, 300, 100, 10], 50e3 * 60),
    note: 'the order; the loss on 5,000 digits every 500 steps, theirs every 100',
  },
  ...(['true', 'decay', 'labels'] as const).map(id => ({
    id: `zhang-2017-${id}`, experiment: 'random-labels', arm: id,
    flop: trainingFlop([2352, 512, 512, 512, 10], 100 * 50e3),
    note: `100 epochs, batches of 128${id === 'decay' ? '; the strength is ours' : ''}`,
  })),
  {
    id: 'zhang-2017-random', experiment: 'random-labels', worse: 'labels', better: 'true',
    flop: 2 * trainingFlop([2352, 512, 512, 512, 10], 100 * 50e3), note: 'the order of the test errors',
  },
  ...nielsen,
  ...nielsenByDigits,
  {
    id: 'tutorials-logistic', experiment: 'tutorials-logistic',
    flop: trainingFlop([784, 10], 73 * 50e3),
    note: 'the last 400 test digits are left out, as by the program: they fill no batch',
  },
  {
    id: 'keras-perceptron', experiment: 'perceptrons-of-examples', arm: 'keras',
    reason: "Keras's own RMSprop; the example gives one run. Not found yet.",
    flop: trainingFlop([784, 512, 512, 10], 20 * 60e3),
  },
  {
    id: 'cntk-hidden', experiment: 'perceptrons-of-examples', arm: 'cntk',
    flop: trainingFlop([784, 200, 10], 10 * 60e3),
  },
]
