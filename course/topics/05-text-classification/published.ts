// What others reported for the texts of Days 13-14; values are shares of texts that were classified correctly.
import type { PublishedReference } from '@ddlf/lab/experiments'
import type { PublishedClaim } from '../../topic.ts'

const wang = {
  citation: 'Wang and Manning, Baselines and bigrams: simple, good sentiment and topic classification, 2012',
  url: 'https://github.com/sidaw/nbsvm',
  table: 'README of the code',
} as const
const mesnil = {
  citation: 'Mesnil, Mikolov, Ranzato and Bengio, Ensemble of generative and discriminative techniques for sentiment ' +
    'analysis of movie reviews, 2015',
  url: 'https://github.com/mesnilgr/nbsvm',
  table: 'README of the code',
} as const
const kim = {
  citation: 'Kim, Convolutional neural networks for sentence classification, 2014',
  url: 'https://aclanthology.org/D14-1181/',
  table: 'table 2',
} as const
const harvard = {
  citation: 'harvardnlp, sent-conv-torch, 2016',
  url: 'https://github.com/harvardnlp/sent-conv-torch',
  table: 'README',
} as const
const galsang = {
  citation: 'galsang, CNN-sentence-classification-pytorch, 2017',
  url: 'https://github.com/galsang/CNN-sentence-classification-pytorch',
  table: 'README',
} as const
const joulin = {
  citation: 'Joulin, Grave, Bojanowski and Mikolov, Bag of tricks for efficient text classification, 2016',
  url: 'https://arxiv.org/abs/1607.01759',
  table: 'table 1',
} as const
const keras = (file: string) => ({
  citation: `Keras, examples/${file}.py, 2016`,
  url: 'https://github.com/keras-team/keras/tree/2.2.4/examples',
  table: 'comment of the file',
})
const kerasPage = (page: string) => ({
  citation: `Keras, ${page}, 2020`,
  url: `https://keras.io/examples/nlp/${page}/`,
  table: 'log of the page',
})
const ilkarman = {
  citation: 'Karmanov and others, DeepLearningFrameworks, 2018',
  url: 'https://github.com/ilkarman/DeepLearningFrameworks',
  table: 'table of GRU on IMDB',
} as const
const trevett = {
  citation: 'Trevett, pytorch-sentiment-analysis, 2023',
  url: 'https://github.com/bentrevett/pytorch-sentiment-analysis',
  table: 'notebooks',
} as const

type Row = readonly [
  id: string,
  protocol: string,
  percent: number,
  comparable?: PublishedReference['comparable'],
  tolerance?: number | undefined,
]

/** Rows of one source, in percent as they are printed. */
const from = (source: PublishedReference['source'], rows: readonly Row[]): PublishedReference[] =>
  rows.map(([id, protocol, percent, comparable = 'same protocol', tolerance]) => ({
    id,
    source,
    protocol,
    metric: 'accuracy',
    value: percent / 100,
    comparable,
    ...(tolerance !== undefined && { tolerance: tolerance / 100 }),
  }))

/** The same rows, as those who published them ran them: a tenth of what is learned from chose the epoch. */
const asRun = (
  rows: readonly PublishedReference[], ids: readonly string[],
  comparable: PublishedReference['comparable'] = 'same protocol',
): PublishedReference[] => rows.map(row => (ids.includes(row.id) ? { ...row, epoch: 'chosen', comparable } : row))

/** How near a figure of another's code has to be: half a point, for texts are cut into words in other ways. */
const NEAR = 0.5

/** The four nets of Kim, by what their vectors begin as. */
const BEGINNINGS = ['random vectors', 'word2vec, fixed', 'word2vec, trained on', 'word2vec, fixed and trained'] as const
/** All of another recipe, but for those that are run as the source did it. */
const four = (id: string, set: string, percents: readonly number[]): Row[] =>
  percents.map((percent, i): Row => [
    `${id}-${['random', 'static', 'trained', 'both'][i] ?? ''}`,
    `CNN on ${set}, ${BEGINNINGS[i] ?? ''}`,
    percent,
    'different',
    i === 0 ? NEAR : undefined,
  ])

/** Published shares of right answers, by the experiment that they belong to. */
export const published = {
  naiveBayes: from(wang, [
    ['wang-2012-mnb-imdb-1', 'naive Bayes on IMDB, words', 83.55, 'same protocol', NEAR],
    ['wang-2012-mnb-imdb-2', 'naive Bayes on IMDB, words and pairs', 86.59, 'same protocol', NEAR],
    ['wang-2012-mnb-mr-1', 'naive Bayes on MR, words', 77.94, 'same protocol', NEAR],
    ['wang-2012-mnb-mr-2', 'naive Bayes on MR, words and pairs', 79.03, 'same protocol', NEAR],
  ]),
  nbSvm: [
    ...from(wang, [
      ['wang-2012-svm-imdb-1', 'support vector machine on IMDB, words', 86.95, 'same protocol', NEAR],
      ['wang-2012-svm-imdb-2', 'support vector machine on IMDB, words and pairs', 89.16, 'same protocol', NEAR],
      ['wang-2012-nbsvm-imdb-1', 'NB-SVM on IMDB, words', 88.29, 'same protocol', NEAR],
      ['wang-2012-nbsvm-imdb-2', 'NB-SVM on IMDB, words and pairs', 91.22, 'same protocol', NEAR],
      ['wang-2012-svm-mr-1', 'support vector machine on MR, words', 76.23, 'same protocol', NEAR],
      ['wang-2012-svm-mr-2', 'support vector machine on MR, words and pairs', 77.72, 'same protocol', NEAR],
      ['wang-2012-nbsvm-mr-1', 'NB-SVM on MR, words', 78.05, 'same protocol', NEAR],
      ['wang-2012-nbsvm-mr-2', 'NB-SVM on MR, words and pairs', 79.38, 'same protocol', NEAR],
    ]),
    ...from(mesnil, [
      ['mesnil-2015-imdb-2', 'NB-SVM on IMDB, words and pairs, logistic', 91.55, 'same protocol', NEAR],
      ['mesnil-2015-imdb-3', 'NB-SVM on IMDB, runs of up to three words, logistic', 91.82, 'same protocol', NEAR],
    ]),
  ],
  fastText: [
    ...from(keras('imdb_fasttext'), [
      ['keras-fasttext-1', 'fastText on IMDB, words, 5 epochs', 88.13, 'different', NEAR],
      ['keras-fasttext-2', 'fastText on IMDB, words and pairs, 5 epochs', 90.56, 'different', NEAR],
    ]),
    ...from(joulin, [
      ['joulin-2016-ag-1', 'fastText on AG News, words', 91.5, 'different'],
      ['joulin-2016-ag-2', 'fastText on AG News, words and pairs', 92.5, 'different'],
    ]),
    ...from(trevett, [['trevett-bag', 'bag of words on IMDB, GloVe vectors, 10 epochs', 85.8, 'different']]),
  ],
  cnn: [
    ...asRun(from(kim, [
      ...four('kim-2014-mr', 'MR, ten folds', [76.1, 81, 81.5, 81.1]),
      ...four('kim-2014-sst2', 'SST-2, with its phrases', [82.7, 86.8, 87.2, 88.1]),
      ...four('kim-2014-trec', 'TREC', [91.2, 92.8, 93.6, 92.2]),
    ]), ['kim-2014-trec-random']),
    ...asRun(from(harvard, [
      ...four('harvard-mr', 'MR, ten folds', [75.9, 80.5, 81.3, 80.8]),
      ...four('harvard-sst2', 'SST-2, with its phrases', [83.5, 85.6, 87, 87.1]),
      ...four('harvard-trec', 'TREC', [88.2, 91.8, 92.8, 91.8]),
    ]), ['harvard-trec-random'], 'different'),
    ...asRun(from(galsang, [
      ['galsang-mr', 'CNN on MR, random vectors, one division', 67.7, 'different'],
      ['galsang-trec', 'CNN on TREC, random vectors', 88.2],
    ]), ['galsang-mr', 'galsang-trec']),
    ...from(keras('imdb_cnn'), [['keras-cnn', 'CNN on IMDB, 250 filters of 3 words, 2 epochs', 89, 'different', NEAR]]),
    ...from(trevett, [['trevett-cnn', 'CNN on IMDB, GloVe vectors, 10 epochs', 87.5, 'different']]),
  ],
  keras: [
    ...from(keras('imdb_cnn_lstm'), [
      ['keras-cnn-lstm', 'CNN, then LSTM, on IMDB, 100 words, 2 epochs', 84.98, 'same protocol', NEAR],
    ]),
    ...from(kerasPage('text_classification_from_scratch'), [
      ['keras-scratch', 'two convolutions of 7 words, stride 3, on IMDB, 3 epochs', 86.42, 'same protocol', NEAR],
    ]),
  ],
  recurrent: [
    ...from(keras('imdb_bidirectional_lstm'), [
      ['keras-lstm', 'bidirectional LSTM on IMDB, 100 words, 4 epochs', 81.46, 'different', NEAR],
    ]),
    ...from(kerasPage('bidirectional_lstm_imdb'), [
      ['keras-lstm-2', 'two layers of bidirectional LSTM, 64 units, on IMDB, 2 epochs', 84.28, 'different', NEAR],
    ]),
    ...from(ilkarman, [
      ['ilkarman-pytorch', 'GRU on IMDB, 150 words, 3 epochs: PyTorch', 86.23, 'same protocol', NEAR],
      ['ilkarman-keras', 'GRU on IMDB, 150 words, 3 epochs: Keras', 85.5, 'same protocol', NEAR],
      ['ilkarman-gluon', 'GRU on IMDB, 150 words, 3 epochs: Gluon', 85.79, 'same protocol', NEAR],
      ['ilkarman-tensorflow', 'GRU on IMDB, 150 words, 3 epochs: TensorFlow', 85.99, 'same protocol', NEAR],
    ]),
    ...from(trevett, [['trevett-lstm', 'bidirectional LSTM on IMDB, GloVe vectors, 10 epochs', 86.2, 'different']]),
  ],
  transformer: from(kerasPage('text_classification_with_transformer'), [
    ['keras-transformer', 'one block, 32 wide, 2 heads, on IMDB, 200 words, 2 epochs', 87.45, 'different', NEAR],
  ]),
} as const satisfies Readonly<Record<string, readonly PublishedReference[]>>

/** Claims without a figure of their own. */
export const claims: readonly PublishedClaim[] = [
  { id: 'wang-2012-bigrams', source: wang, claim: 'Pairs of words help NB-SVM on long reviews.' },
  { id: 'wang-2012-bigrams-mr', source: wang, claim: 'Pairs of words help NB-SVM on sentences, too, by less.' },
]
