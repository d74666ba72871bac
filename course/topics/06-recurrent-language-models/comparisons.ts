// What of ours stands beside what others published for Days 15-16, and what was not run.
import type { PublishedRow } from '../../topic.ts'

export const comparisons: readonly PublishedRow[] = [
  { id: 'makemore-pairs-counted', experiment: 'bigram-on-all-names', arm: 'counts' },
  { id: 'makemore-pairs-smoothed', experiment: 'bigram-on-all-names', arm: 'one-more' },
  {
    id: 'makemore-bigram-counts', experiment: 'bigram-on-all-names', arm: 'counts',
    note: 'a recount of today\'s file, nothing added to the counts',
  },
  {
    id: 'makemore-bigram-gradient', experiment: 'bigram-net-on-all-names', arm: 'gradient',
    note: 'a thousand steps, without the penalty of the lecture',
  },
  { id: 'makemore-mlp', experiment: 'context-net-on-names', arm: 'plain' },
  {
    id: 'makemore-mlp-train', experiment: 'context-net-on-names', arm: 'plain',
    note: 'our mean over the last 10,000 steps, their loss over all examples behind the last one',
  },
  { id: 'makemore-mlp-again', experiment: 'context-net-on-names', arm: 'plain' },
  { id: 'makemore-small-logits', experiment: 'context-net-on-names', arm: 'small-logits' },
  { id: 'makemore-unsaturated', experiment: 'context-net-on-names', arm: 'unsaturated' },
  { id: 'makemore-kaiming', experiment: 'context-net-on-names', arm: 'kaiming' },
  {
    id: 'makemore-batch-norm', experiment: 'context-net-on-names', arm: 'batch-norm-slow',
    reason: 'The lecture shows one seed; with its running mean ours is nearer, by a seventh of the distance to the ' +
      'net without batch norm',
  },
  {
    id: 'makemore-twelve', experiment: 'context-net-on-names', arm: 'batch-norm-late',
    reason: 'The lecture shows one seed; the best of our six misses it by about as much as they differ.',
  },
  { id: 'makemore-eight', experiment: 'context-net-on-names', arm: 'eight' },
  { id: 'makemore-pairs-per-place', experiment: 'wave-net-on-names', arm: 'per-place' },
  { id: 'makemore-pairs', experiment: 'wave-net-on-names', arm: 'pairs' },
  { id: 'makemore-wide', experiment: 'wave-net-on-names', arm: 'wide' },
  {
    id: 'makemore-transformer', experiment: 'transformer-on-names', arm: 'readme',
    note: 'the best of an evaluation every 500 steps, as there; how many steps it learned is not said, ours 40,000; ' +
      'another thousand names held out',
    reason: 'Its best evaluation is among its last: a longer training may come nearer.',
  },
  {
    id: 'cybertron-adding-lstm', experiment: 'adding-problem', arm: 'lstm',
    note: 'the same net on the same kind of sequences; other draws',
  },
  {
    id: 'cybertron-adding-rnn', experiment: 'adding-problem', arm: 'rnn',
    note: 'one seed there; our five end between a tenth and two thirds, so that the figure says little',
  },
  ...['coupled', 'vanilla', 'no-forget', 'no-output', 'no-input'].map((arm): PublishedRow => ({
    id: `cybertron-odyssey-${arm}`, experiment: 'adding-problem', arm,
  })),
  {
    id: 'cybertron-order-lstm', experiment: 'temporal-order', arm: 'lstm',
    note: 'four of our five seeds tell every order, one stays at chance',
  },
  { id: 'cybertron-order-rnn', experiment: 'temporal-order', arm: 'rnn' },
  {
    id: 'pascanu-2013-vanishing', experiment: 'untrained-on-shakespeare', worse: 'rnn-0.5', better: 'rnn-0.9',
    metric: 'vanished/100',
    note:
      'powers of ten that a gradient falls by over 100 steps, both factors below 1: it vanishes in both, and the ' +
      'sooner the smaller the factor',
  },
  {
    id: 'hochreiter-1997-memory', experiment: 'char-rnn-on-shakespeare', worse: 'rnn', better: 'lstm',
    metric: 'vanished/50', note: 'how far the gradient of the trained nets falls over 50 steps',
    reason: 'The order is as claimed in all three pairs, whose p can be 0.25 at best.',
  },
  {
    id: 'chung-2014-gates', experiment: 'char-rnn-on-shakespeare', worse: 'rnn', better: 'gru',
    note: 'nats a letter; that GRU and LSTM are equal cannot be tested, only that neither is shown to be better',
    reason: 'The order is as claimed in all three pairs, whose p can be 0.25 at best.',
  },
]
