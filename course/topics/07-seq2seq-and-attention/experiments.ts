// The experiments of Days 17-18: dates, letters and numbers backwards, sums, sounds of words, captions in another
// language.
import {
  experiment, ownPairs, ownPairSettings, pairs, pairSettings, pairSource, pairTaskSettings, subwordSettings,
  trainingSettings, vocabularyOf, type DataForm,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { captionPairs, soundPairs, type SoundSettings } from './collected-pairs.ts'
import { InputFeedingTranslator } from './input-feeding-translator.ts'
import { askedSum, datePairs, reversedNumbers, reversedPairs, sums, sumsThereAre } from './made-pairs.ts'
import { published } from './published.ts'
import { recurrentTranslator } from './recurrent-translator.ts'
import { SumWriter } from './sum-writer.ts'
import { translateCharacters, translateSpanish } from './tatoeba-experiments.ts'
import { TransformerTranslator } from './transformer-translator.ts'
import { translateWords } from './word-experiment.ts'

const base = trainingSettings.shape

const translator = {
  translator: z
    .enum(['plain', 'bahdanau', 'luong', 'transformer'])
    .default('bahdanau')
    .describe('one vector for the source; attention by a small net, or by products; attention alone'),
  width: z.number().int().min(2).max(2048).multipleOf(2).default(64).describe('numbers of a vector and of a state'),
  layers: z.number().int().min(1).max(12).default(1).describe('layers of the encoder, and of a transformer\'s decoder'),
  heads: z.number().int().min(1).max(32).default(4).describe('heads of a transformer\'s attention; they divide width'),
  dropout: z.number().min(0).lt(1).default(0).describe('share of what is handed on that is dropped in training'),
}

const settings = {
  ...base,
  ...pairSettings,
  ...pairTaskSettings,
  ...translator,
  optimizer: base.optimizer.default('adam'),
  learningRate: base.learningRate.default(0.003),
  schedule: base.schedule.default('cosine'),
  clipNorm: base.clipNorm.default(1),
}

type Sizes = { readonly [Name in keyof typeof translator]: z.infer<(typeof translator)[Name]> } & {
  readonly longest: number
}

function modelOf({ translator: looks, ...sizes }: Sizes, form: DataForm) {
  const all = { ...sizes, vocabulary: vocabularyOf(form) }
  return looks === 'transformer' ? new TransformerTranslator(all) : recurrentTranslator({ ...all, looks })
}

/** Heads share the width of a transformer. */
const headsDivide = ({ translator: looks, heads, width }: Sizes) => looks !== 'transformer' || width % heads === 0
const DIVIDE = {
  path: ['heads'],
  error: ({ input }: { readonly input?: unknown }) =>
    `must divide width=${(input as { readonly width: number }).width}`,
}

/** Of words, dates and captions: what is learned from has no capitals. */
const inSmallLetters = (text: string): string => text.toLowerCase()

/** A recurrent translator has no heads, and of own pairs only subwords have a vocabulary of a chosen size. */
const idle = ({ translator: looks, units = 'subwords' }: {
  readonly translator: string; readonly units?: string
}): Record<string, string> => ({
  ...(looks !== 'transformer' && { heads: `translator=${looks}` }),
  ...(units !== 'subwords' && { subwords: `units=${units}` }),
})

/** How many pairs are made. */
const made = {
  pairs: z.number().int().min(100).max(1_000_000).default(10_000).describe('pairs that are made to learn from'),
}
/** Pairs that judge, where they are made. */
const JUDGED = 1000

export const readDates = experiment({
  name: 'read-dates',
  title: 'Dates, read',
  question: 'Can a net learn from examples alone to write any date in one form?',
  data: pairSource<{ readonly longest: number; readonly pairs: number }>({
    name: 'made dates',
    parts: ['train', 'test'],
    source: 'characters',
    target: 'characters',
    texts: (part, { pairs: count }) => datePairs(part, part === 'train' ? count : JUDGED),
    examples: ({ pairs: count }) => count,
    asked: inSmallLetters,
  }),
  config: z.strictObject({
    ...settings,
    ...made,
    epochs: base.epochs.default(2),
  }).refine(headsDivide, DIVIDE),
  task: pairs(),
  model: modelOf,
  idle,
})

interface StringSettings {
  readonly longest: number
  readonly pairs: number
  readonly longestString: number
}

export const reverseLetters = experiment({
  name: 'reverse-letters',
  title: 'Letters backwards',
  question: 'How much fits through one vector, and what changes where the decoder may look back?',
  data: pairSource<StringSettings>({
    name: 'made strings',
    parts: ['train', 'test'],
    source: 'characters',
    target: 'characters',
    texts: (part, { pairs: count, longestString }) =>
      reversedPairs(part, part === 'train' ? count : 2 * JUDGED, 1, longestString),
    examples: ({ pairs: count }) => count,
  }),
  config: z.strictObject({
    ...settings,
    ...made,
    pairs: made.pairs.default(20_000),
    epochs: base.epochs.default(6),
    byLength: settings.byLength.default(2),
    longestString: z.number().int().min(1).max(500).default(20).describe('letters of a string, at most'),
  }).refine(headsDivide, DIVIDE)
    .refine(({ longestString, longest }) => longestString < longest, {
      path: ['longestString'], error: 'must be below longest, which counts the end too',
    }),
  task: pairs(),
  model: modelOf,
  idle,
})

interface ListSettings {
  readonly longest: number
  readonly pairs: number
  readonly longestList: number
}
/** A list that judges may have so many numbers more than one that is learned from. */
const LONGER = 5

export const reverseNumbers = experiment({
  name: 'reverse-numbers',
  title: 'Lists of numbers backwards',
  question: "How fast does a net learn where to look that reads again what it saw, as in Joey NMT's tutorial?",
  data: pairSource<ListSettings>({
    name: 'made lists',
    parts: ['train', 'test'],
    source: 'blanks',
    target: 'blanks',
    texts: (part, { pairs: count, longestList }) =>
      part === 'train'
        ? reversedNumbers(part, count, longestList)
        : reversedNumbers(part, JUDGED, longestList + LONGER),
    examples: ({ pairs: count }) => count,
  }),
  config: z.strictObject({
    ...base,
    ...pairSettings,
    ...pairTaskSettings,
    ...made,
    pairs: made.pairs.default(50_000),
    epochs: base.epochs.default(5),
    // Two batches of 12 before each step.
    batchSize: base.batchSize.default(24),
    optimizer: base.optimizer.default('adamW'),
    learningRate: base.learningRate.default(0.001),
    clipNorm: base.clipNorm.default(1),
    embedding: translator.width.default(16).describe("numbers of a token's vector"),
    width: translator.width,
    dropout: translator.dropout.default(0.1),
    longestList: z.number().int().min(1).max(500).default(25).describe('numbers of a list to learn from, at most'),
  }).refine(({ longestList, longest }) => longestList + LONGER < longest, {
    path: ['longestList'], error: `must be ${LONGER + 1} below longest, which counts the end too`,
  }),
  task: pairs({ judgedBy: 'bleu' }),
  model: (chosen, form) => new InputFeedingTranslator({ ...chosen, vocabulary: vocabularyOf(form) }),
  published: published.numbers,
})

interface SumSettings {
  readonly longest: number
  readonly pairs: number
  readonly digits: number
}

export const addNumbers = experiment({
  name: 'add-numbers',
  title: 'Sums, digit by digit',
  question: 'Can two LSTMs add that are shown nothing but questions and answers?',
  data: pairSource<SumSettings>({
    name: 'made sums',
    parts: ['train', 'test'],
    source: 'characters',
    target: 'characters',
    texts: (part, { pairs: count, digits }) => sums(part, count, digits),
    examples: ({ pairs: count }) => count - Math.floor(count / 10),
    asked: (text, { digits }) => askedSum(text, digits),
  }),
  config: z.strictObject({
    ...base,
    ...pairSettings,
    ...pairTaskSettings,
    ...made,
    pairs: z.number().int().min(100).max(1_000_000).default(5000)
      .describe('sums that are asked, a tenth of them to judge; of two digits there are 5,050'),
    epochs: base.epochs.default(55),
    batchSize: base.batchSize.default(128),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.001),
    longest: pairSettings.longest.default(12),
    width: translator.width.default(128),
    digits: z.number().int().min(2).max(5).default(2).describe('digits of a number, at most'),
  }).refine(({ pairs: count, digits }) => count <= sumsThereAre(digits), {
    path: ['pairs'],
    error: ({ input }) => {
      const { digits } = input as { readonly digits: number }
      return `must be at most ${sumsThereAre(digits)}, as there are with digits=${digits}`
    },
  }),
  task: pairs({ judgedBy: 'edits' }),
  model: (chosen, form) => new SumWriter({ ...chosen, vocabulary: vocabularyOf(form) }),
  published: published.sums,
})

export const spellSounds = experiment({
  name: 'sounds-of-words',
  title: 'Sounds of words',
  question: 'Can a net say how a word is pronounced that it has never seen?',
  data: pairSource<SoundSettings & { readonly longest: number }>({
    name: 'cmudict',
    parts: ['train', 'validation', 'test'],
    source: 'characters',
    target: 'blanks',
    texts: soundPairs,
    asked: inSmallLetters,
  }),
  config: z.strictObject({
    ...settings,
    dictionary: z
      .enum(['cmudict-stdlib', 'cmudict'])
      .default('cmudict-stdlib')
      .describe('the release that npm carries, or the current one'),
    stress: z.boolean().default(false).describe('whether vowels keep the numbers that say how they are stressed'),
    splitSeed: z.number().int().min(0).max(2 ** 32 - 1).default(1).describe('decides which words are in which part'),
    translator: translator.translator.default('luong'),
    longest: settings.longest.default(24),
    epochs: base.epochs.default(5),
    batchSize: base.batchSize.default(256),
    width: translator.width.default(128),
    dropout: translator.dropout.default(0.1),
  }).refine(headsDivide, DIVIDE),
  task: pairs(),
  model: modelOf,
  published: published.sounds,
  idle,
})

interface CaptionSettings {
  readonly longest: number
  readonly subwords: number
  readonly from: string
  readonly to: string
}

export const translateCaptions = experiment({
  name: 'translate-captions',
  title: 'Captions in another language',
  question: 'How well does a small net translate that has read 29,000 captions?',
  data: pairSource<CaptionSettings>({
    name: 'multi30k',
    parts: ['train', 'validation', 'test'],
    source: 'subwords',
    target: 'subwords',
    texts: captionPairs,
    asked: inSmallLetters,
  }),
  config: z.strictObject({
    ...settings,
    ...subwordSettings,
    from: z.enum(['german', 'english', 'french']).default('german').describe('language that is read'),
    to: z.enum(['english', 'german', 'french']).default('english').describe('language that is written'),
    longest: settings.longest.default(48),
    epochs: base.epochs.default(10),
    batchSize: base.batchSize.default(128),
    learningRate: settings.learningRate.default(0.001),
    width: translator.width.default(256),
    dropout: translator.dropout.default(0.3),
  }).refine(headsDivide, DIVIDE)
    .refine(({ from, to }) => from !== to, { path: ['to'], error: 'must be another language than from' }),
  task: pairs({ judgedBy: 'bleu' }),
  model: modelOf,
  published: published.captions,
  idle,
})

/** A table of pairs that the user brings. */
export const textPairs = experiment({
  name: 'text-pairs',
  title: 'Your own pairs of texts',
  question: 'Can a small net learn from your own pairs to turn one text into the other?',
  data: ownPairs,
  config: z.strictObject({
    ...settings,
    ...ownPairSettings,
    epochs: base.epochs.default(20),
    width: translator.width.default(128),
    dropout: translator.dropout.default(0.1),
  }).refine(headsDivide, DIVIDE),
  task: pairs({ judgedBy: 'edits' }),
  model: modelOf,
  idle,
})

export const experiments = [
  readDates, reverseLetters, reverseNumbers, addNumbers, spellSounds, translateCaptions, translateWords,
  translateCharacters, translateSpanish, textPairs,
]
