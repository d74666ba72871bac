// Captions translated word by word, as in Trevett's notebook.
import {
  experiment, pairs, pairSettings, pairSource, pairTaskSettings, trainingSettings, vocabularyOf,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { captionWordPairs, captionWords } from './caption-words.ts'
import { published } from './published.ts'
import { WordTranslator } from './word-translator.ts'

const base = trainingSettings.shape
/** Tokens that a caption may have: one less than there are places, for it begins with one more. */
const MOST = 99

export const translateWords = experiment({
  name: 'translate-words',
  title: 'Captions, word by word',
  question: "How well does the Transformer of Trevett's notebook translate captions that are cut into words?",
  data: pairSource<{ readonly longest: number; readonly minFrequency: number }>({
    name: 'multi30k',
    parts: ['train', 'validation', 'test'],
    source: 'blanks',
    target: 'blanks',
    apart: true,
    texts: captionWordPairs,
    asked: text => captionWords(text, 'german'),
  }),
  config: z.strictObject({
    ...base,
    ...pairTaskSettings,
    longest: pairSettings.longest.default(50),
    vocabulary: pairSettings.vocabulary,
    sourceVocabulary: z.number().int().min(0).default(0).describe('words that are read; found in the data'),
    minFrequency: z.number().int().min(1).max(1000).default(2)
      .describe('how often a word must stand in the training captions to be told from others'),
    epochs: base.epochs.default(10),
    batchSize: base.batchSize.default(128),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.0005),
    clipNorm: base.clipNorm.default(1),
    width: z.number().int().min(2).max(2048).default(256).describe('numbers of a vector'),
    layers: z.number().int().min(1).max(12).default(3).describe('layers of the encoder, and of the decoder'),
    heads: z.number().int().min(1).max(32).default(8).describe('heads of attention; they divide width'),
    feedForward: z.number().int().min(1).max(8192).default(512).describe('units of the perceptron between'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('share of what is handed on that is dropped in training'),
  }).refine(({ longest }) => longest <= MOST, { path: ['longest'], error: `must be at most ${MOST}` })
    .refine(({ heads, width }) => width % heads === 0, {
      path: ['heads'],
      error: ({ input }) => `must divide width=${(input as { readonly width: number }).width}`,
    }),
  task: pairs({ judgedBy: 'bleu', tokenize: 'none', chosenBy: 'loss' }),
  model: (chosen, form) => new WordTranslator({ ...chosen, vocabulary: vocabularyOf(form) }),
  published: published.words,
})
