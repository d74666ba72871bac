// Which runs stand behind the figures of Days 15-16.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}): Arm => ({ id, label, settings })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
/** Looked at before anything is learned. */
const atStart = { steps: 1, evaluateEvery: 1, learningRate: 1e-7 }

const counting: readonly Recording[] = [
  {
    experiment: 'bigram-on-all-names',
    seeds: [1],
    arms: [arm('counts', 'counts', { smoothing: 0 }), arm('one-more', 'one more of each')],
  },
  { experiment: 'bigram-net-on-all-names', seeds: seeds(3), arms: [arm('gradient', 'by gradient')] },
  { experiment: 'bigram-on-names', seeds: [1], arms: [arm('pairs', 'pairs, counted')] },
  {
    experiment: 'ngram-on-shakespeare',
    seeds: [1],
    arms: [1, 2, 3, 4].map(order => arm(`order-${order}`, `runs of ${order}, 0.01 added`, { order })),
  },
  {
    experiment: 'kneser-ney-on-shakespeare',
    seeds: [1],
    // As many rows as the text has contexts.
    arms: [66, 1446, 12_674, 61_213, 194_506, 459_129].map((contexts, i) =>
      arm(`order-${i + 2}`, `runs of ${i + 2}, Kneser-Ney`, { order: i + 2, contexts }),
    ),
  },
]

const names: readonly Recording[] = [
  {
    experiment: 'context-net-on-names',
    seeds: seeds(6),
    activations: true,
    arms: [
      arm('plain', 'normal numbers', { start: 'plain' }),
      arm('small-logits', 'small logits', { start: 'small-logits' }),
      arm('unsaturated', 'and tanh not saturated', { start: 'unsaturated' }),
      arm('kaiming', 'by the number of inputs'),
      arm('batch-norm', 'and batch norm', { batchNorm: true }),
      arm('batch-norm-slow', 'batch norm, slow running mean', { batchNorm: true, normMomentum: 0.001 }),
      arm('batch-norm-late', 'batch norm, rate falls at 150,000', { batchNorm: true, scheduleEpochs: 15 }),
      arm('eight', '8 letters at once', { batchNorm: true, scheduleEpochs: 15, blockSize: 8 }),
      ...(['plain', 'small-logits', 'unsaturated', 'kaiming'] as const).map(start =>
        ({ ...arm(`${start}-at-start`, `${start}, before the first step`, { start, ...atStart }), seeds: 3 })),
    ],
  },
  { experiment: 'context-net-on-first-names', seeds: seeds(3), arms: [arm('default', 'first names')] },
  {
    experiment: 'wave-net-on-names',
    seeds: seeds(6),
    arms: [
      arm('per-place', 'in pairs, norm per place', { normPerPlace: true }),
      arm('pairs', 'in pairs'),
      arm('wide', 'in pairs, 128 units', { embedding: 24, hidden: 128 }),
    ],
  },
  {
    // Dearer than the rest of the ladder together.
    experiment: 'transformer-on-names',
    seeds: [1],
    arms: [
      arm('readme', 'a name at a time', {
        dropout: 0.1, weightDecay: 0.1, decayNormsAndBiases: false, activation: 'gelu',
      }),
      arm('later', 'without dropout'),
    ],
  },
]

const recurrent: readonly Recording[] = [
  {
    experiment: 'char-rnn-on-shakespeare',
    // Claims rest on these and on the untrained nets: six pairs can reach p = 0.03, three no less than 0.25.
    seeds: seeds(6),
    reach: true,
    arms: [
      arm('rnn', 'RNN', { cell: 'rnn' }),
      arm('gru', 'GRU', { cell: 'gru' }),
      arm('lstm', 'LSTM'),
    ],
  },
  {
    // No claim rests on these: the memo says what three pairs cannot show.
    experiment: 'truncated-on-shakespeare',
    seeds: seeds(3),
    reach: true,
    arms: [
      ...[1, 4, 16, 64].map(truncate => arm(`cut-${truncate}`, `cut after ${truncate}`, { truncate })),
      arm('whole', 'never cut'),
    ],
  },
  {
    experiment: 'untrained-on-shakespeare',
    seeds: seeds(6),
    reach: true,
    arms: [
      ...[0.5, 0.9, 1, 1.1, 1.5].map(rotation => arm(`rnn-${rotation}`, `RNN, rotation x ${rotation}`, { rotation })),
      ...(['rnn', 'gru', 'lstm'] as const).map(cell => arm(cell, `${cell.toUpperCase()}, uniform numbers`, { cell })),
    ],
  },
]

/** The search through the parts of an LSTM, as it was published: shorter, and wider, at one rate. */
const odyssey = { length: 50, hidden: 12, steps: 1500, schedule: 'constant', sequences: 48_000, peepholes: true }
const parted = (id: string, label: string, gates: string): Arm =>
  ({ ...arm(id, label, { ...odyssey, gates }), seeds: 3 })

const lags: readonly Recording[] = [
  {
    experiment: 'adding-problem',
    seeds: seeds(5),
    arms: [
      arm('lstm', 'LSTM, 100 numbers'),
      arm('rnn', 'plain state, 100 numbers', { cell: 'rnn', steps: 5000, sequences: 160_000 }),
      parted('coupled', 'reads as much as it forgets', 'coupled'),
      parted('vanilla', 'with peepholes', 'all'),
      parted('no-forget', 'no forget gate', 'no-forget'),
      parted('no-output', 'no output gate', 'no-output'),
      parted('no-input', 'no input gate', 'no-input'),
    ],
  },
  {
    experiment: 'temporal-order',
    seeds: seeds(5),
    arms: [arm('lstm', 'LSTM without forget gate'), arm('rnn', 'plain state', { cell: 'rnn' })],
  },
]

export const recordings: readonly Recording[] = [...counting, ...names, ...recurrent, ...lags]
