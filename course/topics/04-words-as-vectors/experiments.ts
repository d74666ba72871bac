// The experiments of Days 11-12: vectors of words, learned from which words stand near which.
import {
  corpusSettings, experiment, trainingSettings, vocabularyOf, wordCorpus, WordVectors, wordVectors, wordVectorSettings,
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

export const skipGram = experiment({
  name: 'skip-gram',
  title: 'Skip-gram with negative sampling',
  question: 'What does a vector learn of a word that only ever has to guess its neighbours?',
  data: wordCorpus(),
  config: z.strictObject({ ...settings, learningRate: base.learningRate.default(0.025) })
    .omit({ contextGradient: true }),
  task: wordVectors('skip-gram'),
  model: ({ dimensions }, form) => new WordVectors(vocabularyOf(form), dimensions),
  published,
})

export const skipGramOnReviews = experiment({
  name: 'skip-gram-on-reviews',
  title: 'Skip-gram on film reviews',
  question: 'What do vectors gain from six times as many words, of another kind?',
  data: wordCorpus(),
  config: z.strictObject({
    ...settings,
    corpus: corpusSettings.corpus.default('imdb'),
    epochs: base.epochs.default(2),
    learningRate: base.learningRate.default(0.025),
  }).omit({ contextGradient: true }),
  task: wordVectors('skip-gram'),
  model: ({ dimensions }, form) => new WordVectors(vocabularyOf(form), dimensions),
})

export const skipGramOnBrown = experiment({
  name: 'skip-gram-on-brown',
  title: 'Skip-gram on the Brown corpus',
  question: 'How many analogies do vectors answer that have seen a million words, by the settings of gensim?',
  data: wordCorpus(),
  config: z.strictObject({
    ...settings,
    corpus: corpusSettings.corpus.default('brown'),
    questions: corpusSettings.questions.default('published'),
    learningRate: base.learningRate.default(0.05),
    subsample: wordVectorSettings.subsample.default(1e-4),
  }).omit({ contextGradient: true }),
  task: wordVectors('skip-gram'),
  model: ({ dimensions }, form) => new WordVectors(vocabularyOf(form), dimensions),
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
