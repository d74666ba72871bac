// What others reported for vectors of words; values are shares of analogies that were answered.
import type { PublishedReference } from '@ddlf/lab/experiments'
import type { PublishedClaim } from '../../topic.ts'

const gensim = {
  citation: 'gensim, Comparison of FastText and Word2Vec, 2016',
  url: 'https://github.com/piskvorky/gensim/blob/develop/docs/notebooks/Word2Vec_FastText_Comparison.ipynb',
  table: 'output of the notebook',
} as const
const phrases = {
  citation: 'Mikolov, Sutskever, Chen, Corrado and Dean, Distributed representations of words and phrases and their ' +
    'compositionality, 2013',
  url: 'https://arxiv.org/abs/1310.4546',
} as const

const onText8 = (id: string, metric: string, value: number, what: string): PublishedReference => ({
  id,
  source: gensim,
  protocol: `text8, skip-gram, 100 numbers, window 5, 5 negatives, 5 epochs, ${what}`,
  metric,
  value,
  tolerance: 0.005,
  comparable: 'same protocol',
})

/** The three kinds of analogies that one kind of vectors answered. */
const three = (
  id: string, vectors: string, semantic: number, syntactic: number, total: number,
): readonly PublishedReference[] => [
  onText8(`${id}-semantic`, 'semantic', semantic, `analogies of meaning${vectors}`),
  onText8(`${id}-syntactic`, 'syntactic', syntactic, `analogies of grammar${vectors}`),
  onText8(`${id}-total`, 'analogies', total, `all 12,268 whose words are known${vectors}`),
]

const onBrown = (id: string, vectors: string, value: number): PublishedReference => ({
  id,
  source: gensim,
  protocol: `Brown corpus, a million words, same settings, 5,086 analogies${vectors}`,
  metric: 'analogies',
  value,
  tolerance: 0.0005,
  comparable: 'same protocol',
})

const RUNS_OF_LETTERS = '; fastText, vectors of words and of runs of their letters'
const WHOLE_WORDS = '; fastText without runs of letters'

export const published: readonly PublishedReference[] = [
  ...three('gensim-text8', '', 0.3897, 0.411, 0.404),
  ...three('gensim-text8-fasttext', RUNS_OF_LETTERS, 0.3492, 0.6601, 0.557),
  ...three('gensim-text8-fasttext-words', WHOLE_WORDS, 0.4089, 0.406, 0.407),
]
export const brownVectors: readonly PublishedReference[] = [
  onBrown('gensim-brown-total', '', 0.021),
  onBrown('gensim-brown-fasttext-total', RUNS_OF_LETTERS, 0.506),
  onBrown('gensim-brown-fasttext-words-total', WHOLE_WORDS, 0.023),
]

/** What is claimed of an order rather than of a number. */
export const claims: readonly PublishedClaim[] = [
  {
    id: 'mikolov-2013-subsampling',
    source: { ...phrases, table: 'section 2.3 and table 1' },
    claim: 'Leaving out frequent words speeds training up and makes the vectors of the others better.',
  },
  {
    id: 'mikolov-2013-negatives',
    source: { ...phrases, table: 'section 2.2' },
    claim: 'Five to twenty drawn words are useful for small texts, two to five for large ones.',
  },
  {
    id: 'mikolov-2013-skip-gram',
    source: {
      citation: 'Mikolov, Chen, Corrado and Dean, Efficient estimation of word representations in vector space, 2013',
      url: 'https://arxiv.org/abs/1301.3781',
      table: 'table 3',
    },
    claim: 'Skip-gram answers more analogies of meaning than CBOW.',
  },
  {
    id: 'irsoy-2021-cbow',
    source: {
      citation: 'Irsoy, Benton and Stratos, Corrected CBOW performs as well as skip-gram, 2021',
      url: 'https://arxiv.org/abs/2012.15332',
    },
    claim: 'CBOW is worse in word2vec and gensim because of its gradient: with the right one it equals skip-gram.',
  },
]
