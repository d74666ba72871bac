// Vectors of a book's words, and a classifier of mails that may begin with them.
import {
  classification, classificationSettings, corpusSettings, experiment, publishedTexts, textSettings, trainingSettings,
  vectorsByWord, vocabularyOf, wordCorpus, WordVectors, wordVectors, wordVectorSettings,
} from '@ddlf/lab'
import { Embedding, Linear } from '@ddlf/nn'
import { mean, type Tensor } from '@ddlf/tensor'
import { z } from 'zod'

export const bookVectors = experiment({
  name: 'book-vectors',
  title: 'Vectors of a book',
  question: 'What stands beside a whale?',
  data: wordCorpus(),
  config: z.strictObject({
    ...trainingSettings.shape,
    ...corpusSettings,
    ...wordVectorSettings,
    corpus: corpusSettings.corpus.default('moby-dick'),
    minCount: corpusSettings.minCount.default(20),
    dimensions: wordVectorSettings.dimensions.default(6),
    learningRate: trainingSettings.shape.learningRate.default(0.025),
    epochs: trainingSettings.shape.epochs.default(1),
  }),
  task: wordVectors('skip-gram'),
  model: ({ dimensions }, form) => new WordVectors(vocabularyOf(form), dimensions),
})

class MeanOfVectors {
  readonly words: Embedding
  readonly logits: Linear
  constructor(tokens: number, dimensions: number) {
    this.words = new Embedding(tokens + 1, dimensions, { paddingIndex: 0 })
    this.logits = new Linear(dimensions, 2)
  }
  forward(tokens: Tensor): Tensor {
    return this.logits.forward(mean(this.words.forward(tokens), { axes: 1 }))
  }
}

export const mailsByVectors = experiment({
  name: 'mails-by-vectors',
  title: 'Mails by vectors',
  question: 'Do vectors of a book know a mail?',
  data: publishedTexts({ others: true }),
  config: z.strictObject({
    ...classificationSettings.shape,
    ...textSettings,
    maxTokens: textSettings.maxTokens.default(30),
    minCount: textSettings.minCount.default(20),
    trainExamples: classificationSettings.shape.trainExamples.default(400),
    epochs: classificationSettings.shape.epochs.default(2),
    vectors: z.enum(['random', 'static', 'trained']).default('random'),
    dimensions: z.number().int().default(6),
  }),
  task: classification({ input: 'tokens' }),
  model: ({ dimensions }, form) => new MeanOfVectors(vocabularyOf(form), dimensions),
  startsFrom: {
    experiment: bookVectors,
    settings: ({ vectors, dimensions }) => (vectors === 'random' ? undefined : { dimensions, seed: 3 }),
    weights: vectorsByWord({ into: 'words.weight', others: true }),
  },
  recipe: ({ vectors }) => (vectors === 'static' ? { trains: name => name !== 'words.weight' } : {}),
})

export const experiments = [bookVectors, mailsByVectors]
