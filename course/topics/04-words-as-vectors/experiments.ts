// The experiments of Days 11-12: vectors of words, learned from which words stand near which.
import {
  characterNgramSettings, corpusSettings, experiment, ngramVectors, trainingSettings, vocabularyOf, wordCorpus,
  WordVectors, wordVectors, wordVectorSettings, type DataForm,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { brownVectors, published } from './published.ts'

const base = trainingSettings.shape
const settings = {
  ...base,
  ...corpusSettings,
  ...wordVectorSettings,
  epochs: base.epochs.default(5),
}

/** With character n-grams where `maxGram` asks for them. */
const withLetters = {
  model: (
    { dimensions, ...letters }: Readonly<Record<'dimensions' | 'maxGram' | 'grams', number>>, form: DataForm,
  ) => new WordVectors(vocabularyOf(form), dimensions, ngramVectors(letters)),
  idle: ({ maxGram }: { readonly maxGram: number }): Record<string, string> =>
    (maxGram === 0 ? { minGram: 'maxGram=0', buckets: 'maxGram=0' } : {}),
}

export const skipGram = experiment({
  name: 'skip-gram',
  title: 'Skip-gram with negative sampling',
  question: 'What does a vector learn of a word that only ever has to guess its neighbours?',
  data: wordCorpus(),
  config: z.strictObject({ ...settings, ...characterNgramSettings, learningRate: base.learningRate.default(0.025) })
    .omit({ contextGradient: true }),
  task: wordVectors('skip-gram'),
  ...withLetters,
  published,
})

export const skipGramOnReviews = experiment({
  name: 'skip-gram-on-reviews',
  title: 'Skip-gram on film reviews',
  question: 'What do vectors gain from six times as many words, of another kind?',
  data: wordCorpus(),
  config: z.strictObject({
    ...settings,
    ...characterNgramSettings,
    corpus: corpusSettings.corpus.default('imdb'),
    epochs: base.epochs.default(2),
    learningRate: base.learningRate.default(0.025),
  }).omit({ contextGradient: true }),
  task: wordVectors('skip-gram'),
  ...withLetters,
})

export const skipGramOnBrown = experiment({
  name: 'skip-gram-on-brown',
  title: 'Skip-gram on the Brown corpus',
  question: 'How many analogies do vectors answer that have seen a million words, by the settings of gensim?',
  data: wordCorpus(),
  config: z.strictObject({
    ...settings,
    ...characterNgramSettings,
    corpus: corpusSettings.corpus.default('brown'),
    questions: corpusSettings.questions.default('published'),
    learningRate: base.learningRate.default(0.05),
    subsample: wordVectorSettings.subsample.default(1e-4),
  }).omit({ contextGradient: true }),
  task: wordVectors('skip-gram'),
  ...withLetters,
  published: brownVectors,
})

export const cbow = experiment({
  name: 'cbow',
  title: 'CBOW with negative sampling',
  question: 'Is it better to guess a word from the mean of its neighbours, or its neighbours from the word?',
  data: wordCorpus(),
  config: z.strictObject({ ...settings, learningRate: base.learningRate.default(0.05) }),
  task: wordVectors('cbow'),
  model: ({ dimensions }, form) => new WordVectors(vocabularyOf(form), dimensions),
})

export const experiments = [skipGram, skipGramOnReviews, skipGramOnBrown, cbow]
