// What others reported for the models of Days 17-18: shares of words whose sounds are wrong, BLEU, perplexities.
import type { PublishedReference } from '@ddlf/lab/experiments'
import type { PublishedClaim } from '../../topic.ts'

const cmusphinx = {
  citation: 'CMU Sphinx, g2p-seq2seq, 2018',
  url: 'https://github.com/cmusphinx/g2p-seq2seq',
  table: 'word error rates of the README',
} as const
const trevett = {
  citation: 'Trevett, pytorch-seq2seq, 2021',
  url: 'https://github.com/bentrevett/pytorch-seq2seq',
  table: 'notebooks',
} as const
const fairseq = {
  citation: 'Wu and others, Good for misconceived reasons: an empirical revisiting on the need for visual context in ' +
    'multimodal machine translation, 2021',
  url: 'https://github.com/LividWo/Revisit-MMT',
  table: 'README-baseline, Multi30k, test of 2016',
} as const
const joey = {
  citation: 'Kreutzer, Bastings and Riezler, Joey NMT, tutorial, 2019',
  url: 'https://github.com/joeynmt/joeynmt/tree/main/docs',
  table: 'reversing a list of integers',
} as const
const keras = {
  citation: 'Chollet, Keras, lstm_seq2seq, 2017',
  url: 'https://keras.io/examples/nlp/lstm_seq2seq/',
  table: 'log of the page',
} as const

const kerasSpanish = {
  citation: 'Chollet, Keras, neural_machine_translation_with_transformer, 2021',
  url: 'https://keras.io/examples/nlp/neural_machine_translation_with_transformer/',
  table: 'log of the page',
} as const
const kerasSums = {
  citation: 'Keras, examples/addition_rnn.py, 2015',
  url: 'https://github.com/keras-team/keras/tree/2.2.4/examples',
  table: 'comment of the file',
} as const

type Row = readonly [id: string, protocol: string, value: number, tolerance?: number]

/** Rows of one source. Other splits, other units, other cells: none of them is our protocol in every point. */
const from = (source: PublishedReference['source'], metric: string, rows: readonly Row[]): PublishedReference[] =>
  rows.map(([id, protocol, value, tolerance]) => ({
    id, source, protocol, metric, value, comparable: 'different', ...(tolerance !== undefined && { tolerance }),
  }))

/** By the experiment that they belong to. */
export const published = {
  sounds: [
    ...from(cmusphinx, 'beam/8', [
      ['cmusphinx-wfst', 'Phonetisaurus, current dictionary, without stress', 0.3389],
    ]),
    ...from(cmusphinx, 'error', [
      ['cmusphinx-transformer', 'Transformer, 2 layers of 256, current dictionary, without stress', 0.31, 0.005],
      ['cmusphinx-transformer-stress', 'the same, with stress, about', 0.4, 0.005],
    ]),
  ],
  numbers: ([
    ...[22.5, 57.3, 83.4, 89.8, 89.4].map((value, look) =>
      [`joey-reverse-${look + 1}`, `after ${look + 1},000 steps`, value, look + 1] as const),
    ['joey-reverse', 'the best of ten looks in 5 epochs', 95.42, 'best'],
  ] as const).map(([id, when, value, epoch]): PublishedReference => ({
    id, source: joey, metric: 'bleu', value, epoch, comparable: 'same protocol',
    protocol: `lists of integers reversed, LSTM both ways with attention, ${when}`,
  })),
  sums: ([
    ['keras-add-2', 'sums of two digits, 5,000 pairs, two LSTMs of 128, 55 epochs; wrong characters', 0.01],
    ['keras-add-3', 'sums of three digits, 50,000 pairs, two LSTMs of 128, 100 epochs; wrong characters', 0.01],
  ] as const).map(([id, protocol, value]): PublishedReference => ({
    // Said as 99 %.
    id, source: kerasSums, protocol, metric: 'tokenError', value, tolerance: 0.005, comparable: 'same protocol',
  })),
  captions: [
    ...from(trevett, 'perplexity', [
      ['trevett-seq2seq-lstm', 'German to English, two layers of LSTM, one vector', 52],
      ['trevett-seq2seq-gru', 'German to English, GRU, one vector at every step', 34.66],
      ['trevett-seq2seq-attention', 'German to English, GRU with attention', 24.03],
      ['trevett-seq2seq-masked', 'German to English, GRU with attention, padding masked', 23.18],
      ['trevett-seq2seq-convolution', 'German to English, convolutions', 6.26],
    ]),
    ...from(trevett, 'bleu', [
      ['trevett-seq2seq-masked-bleu', 'German to English, GRU with attention, padding masked', 28.11],
      ['trevett-seq2seq-convolution-bleu', 'German to English, convolutions', 34.14],
    ]),
    ...from(fairseq, 'bleu', [
      ['wu-transformer-tiny', 'English to German, transformer_tiny, 8,000 updates, five continuations', 41.02],
    ]),
  ],
  words: ([
    ['trevett-seq2seq-transformer-perplexity', 'perplexity', 5.32],
    ['trevett-seq2seq-transformer-bleu', 'bleu', 36.52],
  ] as const).map(([id, metric, value]): PublishedReference => ({
    id, source: trevett, metric, value, epoch: 'chosen', comparable: 'same protocol',
    protocol: 'German to English by words, Transformer, 3 layers of 256, the best validation loss of 10 epochs',
  })),
  // The page's file was a later edition than the one that we have.
  characters: ([
    ['keras-lstm-seq2seq', 'wrong places, the best of 100 epochs', 'forcedError', 0.1228, 'best'],
    ['keras-lstm-seq2seq-loss', 'loss, the best of 100 epochs', 'loss', 0.4358, 'best'],
    ['keras-lstm-seq2seq-end', 'loss after 100 epochs', 'loss', 0.705, undefined],
  ] as const).map(([id, what, metric, value, epoch]): PublishedReference => ({
    id, source: keras, metric, value, tolerance: 5e-5, comparable: 'different', ...(epoch && { epoch }),
    protocol: `English to French by characters, two LSTMs of 256, blanks behind an end counted; ${what}`,
  })),
  spanish: ([
    ['keras-transformer-seq2seq', 'loss over all 20 places', 'loss', 1.2843],
    ['keras-transformer-seq2seq-wrong', 'wrong words, with one filler behind each end', 'forcedError', 0.4789],
  ] as const).map(([id, what, metric, value]): PublishedReference => ({
    id, source: kerasSpanish, metric, value, tolerance: 5e-5, comparable: 'same protocol',
    protocol: `English to Spanish by words, Transformer of one layer of 256, one epoch; ${what}`,
  })),
} as const satisfies Readonly<Record<string, readonly PublishedReference[]>>

/** What is claimed of an order rather than of a number. */
export const claims: readonly PublishedClaim[] = [
  {
    id: 'bahdanau-2015-length',
    source: {
      citation: 'Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, 2015',
      url: 'https://arxiv.org/abs/1409.0473',
      table: 'figure 2',
    },
    claim: 'One vector of fixed size is a bottleneck: long sentences suffer, and looking back mends it.',
  },
  {
    id: 'luong-2015-products',
    source: {
      citation: 'Luong, Pham and Manning, Effective approaches to attention-based neural machine translation, 2015',
      url: 'https://arxiv.org/abs/1508.04025',
      table: 'section 4',
    },
    claim: 'Attention by products, taken behind the step, is as good as a small net before it.',
  },
  {
    id: 'vaswani-2017-alone',
    source: {
      citation: 'Vaswani and others, Attention is all you need, 2017',
      url: 'https://arxiv.org/abs/1706.03762',
      table: 'table 2',
    },
    claim: 'Attention alone translates better than recurrent nets with attention.',
  },
]
