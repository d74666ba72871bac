// Which runs stand behind the figures of Days 13-14. Ten seeds on a set without a test part are its ten folds.
import type { Arm, Recording } from '@ddlf/lab'

const arm = (id: string, label: string, settings: Arm['settings'] = {}, count?: number): Arm =>
  ({ id, label, settings, ...(count !== undefined && { seeds: count }) })
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

const FOLDS = 10
/** Where only chance in the training differs. */
const FEW = 3
const once = { repeats: 'once' } as const
const pairs = { ngrams: 2 } as const
const triples = { ngrams: 3, minCount: 2 } as const
const mr = { texts: 'mr' } as const
const imdb = { texts: 'imdb' } as const
/** The support vector machine of Wang and Manning's code, which beside NB-SVM with cost 1 has a cost of its own. */
const svm = { logOdds: false, cost: 0.1 } as const
/** Mesnil's code. */
const logistic = { loss: 'logistic', interpolation: 1, repeats: 'both', tolerance: 0.01 } as const
/** The first words of a review would tell what it is about; its last ones tell what is thought of it. */
const end = (maxTokens: number) => ({ ...imdb, maxTokens, keep: 'last' }) as const

/** Trained on the sentences of one set, judged on the reviews of the other, and the other way round. */
const shifted = (settings: Arm['settings'], count: number): Arm[] => [
  arm('mr-on-imdb', 'from MR to IMDB', { ...settings, ...mr, testedOn: 'imdb' }, count),
  arm('imdb-on-mr', 'from IMDB to MR', { ...settings, ...imdb, testedOn: 'mr' }, count),
]

const counted: readonly Recording[] = [
  {
    experiment: 'naive-bayes-on-mails',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('read', 'subject and body'),
      arm('whole', 'with the way the mail took', { mail: 'whole' }),
      arm('read-once', 'subject and body, each word once', once),
      arm('whole-once', 'with the way the mail took, each word once', { mail: 'whole', ...once }),
    ],
  },
  {
    experiment: 'naive-bayes-on-texts',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('mr', 'MR, words', { ...mr, ...once }),
      arm('mr-counted', 'MR, words as often as they stand there', mr),
      arm('mr-2', 'MR, words and pairs', { ...mr, ...once, ...pairs }),
      arm('trec', 'TREC, words', { texts: 'trec', ...once }, 1),
      arm('trec-2', 'TREC, words and pairs', { texts: 'trec', ...once, ...pairs }, 1),
      arm('sst2', 'SST-2, words', { texts: 'sst2', ...once }, 1),
      arm('sst2-2', 'SST-2, words and pairs', { texts: 'sst2', ...once, ...pairs }, 1),
      arm('imdb', 'IMDB, words', { ...imdb, ...once }, 1),
      arm('imdb-counted', 'IMDB, words as often as they stand there', imdb, 1),
      arm('imdb-2', 'IMDB, words and pairs', { ...imdb, ...once, ...pairs }, 1),
      ...shifted(once, 1),
    ],
  },
  {
    experiment: 'nb-svm-on-texts',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('mr', 'MR, words', mr),
      arm('mr-2', 'MR, words and pairs', { ...mr, ...pairs }),
      arm('svm-mr', 'MR, words, no log-odds', { ...mr, ...svm }),
      arm('svm-mr-2', 'MR, words and pairs, no log-odds', { ...mr, ...pairs, ...svm }),
      arm('trec-2', 'TREC, words and pairs', { texts: 'trec', ...pairs }, 1),
      arm('sst2-2', 'SST-2, words and pairs', { texts: 'sst2', ...pairs }, 1),
      arm('imdb', 'IMDB, words', imdb, 1),
      arm('imdb-letters', 'IMDB, words cut at all but letters', { ...imdb, cut: 'letters' }, 1),
      arm('imdb-bias', 'IMDB, words, with a bias', { ...imdb, bias: true }, 1),
      arm('imdb-2', 'IMDB, words and pairs', { ...imdb, ...pairs }, 1),
      arm('imdb-2-bias', 'IMDB, words and pairs, with a bias', { ...imdb, ...pairs, bias: true }, 1),
      arm('imdb-3', 'IMDB, runs of up to three words', { ...imdb, ...triples }, 1),
      arm('logistic-2', 'IMDB, words and pairs, logistic', { ...imdb, ...logistic, ...pairs }, 1),
      arm('logistic-3', 'IMDB, runs of up to three words, logistic', { ...imdb, ...logistic, ngrams: 3 }, 1),
      arm('svm-imdb', 'IMDB, words, no log-odds', { ...imdb, ...svm }, 1),
      arm('svm-imdb-2', 'IMDB, words and pairs, no log-odds', { ...imdb, ...pairs, ...svm }, 1),
      ...shifted(pairs, 1),
      arm('imdb-on-mr-bias', 'from IMDB to MR, with a bias', { ...imdb, ...pairs, bias: true, testedOn: 'mr' }, 1),
    ],
  },
]

/** imdb_fasttext of Keras: 20,000 words, the last 400 of a review. */
const kerasBag = { ...end(400), vocabularySize: 20_000, batchSize: 32, epochs: 5 } as const
const hashed = { ...pairs, buckets: 2 ** 17 } as const

/** As in Kim's code: Adadelta, the last layer bounded, the epoch chosen on a tenth of what is learned from. */
const kim = {
  optimizer: 'adadelta', rho: 0.95, learningRate: 1, epochs: 25, lastNorm: 3, filterScale: 0.01, validation: 0.1,
} as const
/** As in galsang's code: 100 epochs of Adadelta, vectors that begin as normal numbers. */
const galsang = {
  optimizer: 'adadelta', learningRate: 1, epochs: 100, vectors: 'normal', validation: 0.1,
} as const
/** The vectors of Days 11-12 have 100 numbers. */
const hundred = { ...mr, dimensions: 100 } as const

const trained: readonly Recording[] = [
  {
    experiment: 'fasttext-on-texts',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('mr', 'MR, words', mr),
      arm('mr-2', 'MR, words and pairs', { ...mr, ...hashed }),
      arm('mr-20', 'MR, words, 20 epochs', { ...mr, epochs: 20 }),
      arm('trec-2', 'TREC, words and pairs', { texts: 'trec', ...hashed, epochs: 20 }, FEW),
      arm('sst2-2', 'SST-2, words and pairs', { texts: 'sst2', ...hashed, epochs: 7 }, FEW),
      arm('imdb', 'IMDB, words', kerasBag, FEW),
      arm('imdb-2', 'IMDB, words and pairs', { ...kerasBag, ...hashed }, FEW),
      ...shifted({ vocabularySize: 20_000 }, FEW),
    ],
  },
  {
    experiment: 'cnn-on-texts',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('mr', 'MR', mr),
      arm('trec', 'TREC', { texts: 'trec', epochs: 12 }, FEW),
      arm('sst2', 'SST-2', { texts: 'sst2' }, FEW),
      arm('mr-1', 'MR, windows of one word', { ...mr, widths: [1], filters: 300 }, FEW),
      // imdb_cnn of Keras.
      arm('imdb', 'IMDB', {
        ...end(400), vocabularySize: 5000, dimensions: 50, widths: [3], filters: 250, hidden: 250, dropout: 0.2,
        batchSize: 32, epochs: 2,
      }, FEW),
      arm('mr-on-imdb', 'from MR to IMDB', { ...mr, testedOn: 'imdb' }, FEW),
      arm('mr-100', 'MR, random vectors of 100 numbers', hundred, FEW),
      arm('mr-100-static', 'MR, vectors of Day 12, fixed', { ...hundred, vectors: 'static' }, FEW),
      arm('mr-100-trained', 'MR, vectors of Day 12, trained on', { ...hundred, vectors: 'trained' }, FEW),
      arm('trec-kim', "TREC, by Kim's protocol", { texts: 'trec', ...kim }, FEW),
      arm('trec-galsang', "TREC, by galsang's protocol", { texts: 'trec', ...galsang }, 1),
      arm('mr-galsang', "MR, by galsang's protocol", { ...mr, ...galsang }, 1),
    ],
  },
  {
    experiment: 'keras-nets-on-texts',
    seeds: seeds(FEW),
    arms: [
      // imdb_cnn_lstm, and text_classification_from_scratch, which holds out a fifth to be looked at.
      arm('lstm', 'IMDB, windows, then LSTM', { ...end(100), vocabularySize: 20_000, batchSize: 30 }),
      arm('strides', 'IMDB, windows of windows', {
        ...imdb, net: 'strides', maxTokens: 500, vocabularySize: 20_000, filters: 128, units: 128, dropout: 0.5,
        batchSize: 32, epochs: 3, validation: 0.2, cut: 'letters',
      }),
    ],
  },
  {
    experiment: 'lstm-on-texts',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('mr', 'MR', mr),
      arm('trec', 'TREC', { texts: 'trec', epochs: 12 }, FEW),
      arm('sst2', 'SST-2', { texts: 'sst2' }, FEW),
      // bidirectional_lstm_imdb of Keras, and the GRU of DeepLearningFrameworks.
      arm('imdb', 'IMDB, two layers of 64, both ways', {
        ...end(200), vocabularySize: 20_000, layers: 2, dropout: 0, batchSize: 32, epochs: 2,
      }, FEW),
      arm('imdb-100', 'IMDB, one layer of 64, both ways, 100 words', {
        ...end(100), vocabularySize: 20_000, batchSize: 32, epochs: 4,
      }, FEW),
      arm('imdb-gru', 'IMDB, GRU of 100', {
        ...end(150), vocabularySize: 30_000, cell: 'gru', dimensions: 125, units: 100, bidirectional: false,
        dropout: 0, batchSize: 64, epochs: 3,
      }, FEW),
      arm('mr-on-imdb', 'from MR to IMDB', { ...mr, testedOn: 'imdb' }, FEW),
    ],
  },
  {
    experiment: 'transformer-on-texts',
    seeds: seeds(FOLDS),
    details: true,
    calibration: true,
    arms: [
      arm('mr', 'MR', mr),
      arm('trec', 'TREC', { texts: 'trec', epochs: 12 }, FEW),
      arm('sst2', 'SST-2', { texts: 'sst2' }, FEW),
      arm('imdb', 'IMDB', { ...end(200), vocabularySize: 20_000, batchSize: 32, epochs: 2 }, FEW),
      arm('mr-on-imdb', 'from MR to IMDB', { ...mr, testedOn: 'imdb' }, FEW),
    ],
  },
]

export const recordings: readonly Recording[] = [...counted, ...trained]
