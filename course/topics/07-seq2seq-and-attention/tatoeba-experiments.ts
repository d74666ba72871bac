// Two well-known examples of Keras on Tatoeba's sentences, by their own protocols: English to French character by
// character, and English to Spanish word by word.
import { experiment, pairs, pairTaskSettings, trainingSettings, vocabularyOf } from '@ddlf/lab/experiments'
import { rmsProp } from '@ddlf/nn'
import { z } from 'zod'
import { CharacterTranslator } from './character-translator.ts'
import { published } from './published.ts'
import { characterPairs, wordPairs } from './tatoeba-pairs.ts'
import { MaskedTranslator } from './masked-translator.ts'

const base = trainingSettings.shape

/** Keras' RMSprop remembers for a tenth of the time of PyTorch's. */
const settings = {
  ...base,
  ...pairTaskSettings,
  optimizer: base.optimizer.default('rmsProp'),
  momentum: base.momentum.default(0),
  learningRate: base.learningRate.default(0.001),
  alpha: z.number().min(0).lt(1).default(0.9).describe('how long rmsProp remembers squared gradients'),
}
type Recipe = Pick<z.infer<z.ZodObject<typeof settings>>, 'optimizer' | 'alpha' | 'momentum' | 'weightDecay'>

const recipe = ({ optimizer, alpha, momentum, weightDecay }: Recipe) =>
  (optimizer === 'rmsProp' ? { optimizer: rmsProp({ alpha, eps: 1e-7, momentum, weightDecay }) } : {})
const idle = ({ optimizer }: Recipe): Record<string, string> =>
  (optimizer === 'rmsProp' ? {} : { alpha: `optimizer=${optimizer}` })

const width = z.number().int().min(2).max(2048).default(256).describe('numbers of a vector and of a state')

export const translateCharacters = experiment({
  name: 'translate-characters',
  title: 'French, character by character',
  question: 'How well do two LSTMs translate that read and write characters, as in the example of Keras?',
  data: characterPairs,
  config: z.strictObject({
    ...settings,
    epochs: base.epochs.default(100),
    pairs: z.number().int().min(10).max(142_787).default(10_000).describe('first pairs of the file; a fifth judges'),
    longestSource: z.number().int().min(1).max(512).default(16).describe('places of a source'),
    longest: z.number().int().min(2).max(512).default(59).describe('places of a target, its end included'),
    sourceVocabulary: z.number().int().min(0).default(0).describe('characters of sources; found in the data'),
    vocabulary: z.number().int().min(0).default(0).describe('tokens of targets; found in the data'),
    width,
  }),
  task: pairs({ judgedBy: 'edits' }),
  model: (chosen, form) => new CharacterTranslator({ ...chosen, vocabulary: vocabularyOf(form) }),
  recipe,
  idle,
  published: published.characters,
})

export const translateSpanish = experiment({
  name: 'translate-spanish',
  title: 'Spanish, word by word',
  question: 'What does a Transformer of one layer know of Spanish after one pass, as in the example of Keras?',
  data: wordPairs,
  config: z.strictObject({
    ...settings,
    epochs: base.epochs.default(1),
    longest: z.number().int().min(2).max(512).default(20).describe('places of a source, and of a target with its end'),
    vocabulary: z.number().int().min(10).max(100_000).default(15_000).describe('words of each language'),
    splitSeed: z.number().int().min(0).max(2 ** 32 - 1).default(1).describe('decides which pairs are in which part'),
    width,
    heads: z.number().int().min(1).max(32).default(8).describe('heads of an attention, each as wide as a vector'),
    hidden: z.number().int().min(1).max(65_536).default(2048).describe('hidden units of a perceptron'),
    dropout: z.number().min(0).lt(1).default(0.5).describe('share of what the last layer reads that is dropped'),
  }),
  task: pairs({ judgedBy: 'bleu', counted: 'read' }),
  model: chosen => new MaskedTranslator(chosen),
  recipe,
  idle,
  published: published.spanish,
})
