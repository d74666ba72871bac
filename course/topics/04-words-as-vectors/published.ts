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

export const published: readonly PublishedReference[] = [
  onText8('gensim-text8-semantic', 'semantic', 0.3897, 'analogies of meaning'),
  onText8('gensim-text8-syntactic', 'syntactic', 0.411, 'analogies of grammar'),
  onText8('gensim-text8-total', 'analogies', 0.404, 'all 12,268 of which the words are known'),
  {
    id: 'gensim-brown-total',
    source: gensim,
    protocol: 'Brown corpus, a million words, same settings',
    metric: 'analogies',
    value: 0.021,
    tolerance: 0.0005,
    comparable: 'different',
  },
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
