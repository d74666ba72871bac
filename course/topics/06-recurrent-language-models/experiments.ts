// The experiments of Days 15-16, so far those that count.
import {
  experiment,
  Ngram,
  ngramModel,
  textStream,
  trainingSettings,
  vocabularyOf,
  windowSettings,
} from '@ddlf/lab/experiments'
import { z } from 'zod'

const NAMES = '.abcdefghijklmnopqrstuvwxyz'
/** The 65 characters of tiny Shakespeare, in the order of their numbers. */
export const SHAKESPEARE = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const smoothing = z.number().min(0).max(1000).default(1).describe('added to every count; 0: the unseen is impossible')
const counting = { ...trainingSettings.shape, ...windowSettings, windows: windowSettings.windows.default('contiguous') }

/** Each token from the one before: windows of one token, so that every pair counts once. */
const bigram = {
  config: z.strictObject({
    ...counting,
    blockSize: z.number().int().min(1).max(64).default(1).describe('letters that the next one is guessed from'),
    smoothing,
  }),
  task: ngramModel(),
  model: (_: unknown, form: Parameters<typeof vocabularyOf>[0]) => new Ngram(vocabularyOf(form), 2),
}

export const bigramOnNames = experiment({
  ...bigram,
  name: 'bigram-on-names',
  title: 'Pairs of letters, counted in names',
  question: 'How far does it get to know only the letter before?',
  data: textStream({ texts: 'names', tokenizer: { alphabet: NAMES }, separator: '.' }),
})

export const bigramOnAllNames = experiment({
  ...bigram,
  name: 'bigram-on-all-names',
  title: 'Pairs of letters, counted and judged in all names',
  question: 'Are the counts those of the first lecture of makemore, which judges on what it counted?',
  data: textStream({
    texts: 'names',
    splits: { train: 'all', validation: 'all' },
    tokenizer: { alphabet: NAMES },
    separator: '.',
  }),
})

export const ngramOnShakespeare = experiment({
  name: 'ngram-on-shakespeare',
  title: 'Runs of letters, counted in Shakespeare',
  question: 'How good does counting get when it looks at more and more letters, and where does it end?',
  data: textStream({ texts: 'tiny-shakespeare', tokenizer: { alphabet: SHAKESPEARE } }),
  config: z.strictObject({
    ...counting,
    order: z.number().int().min(1).max(8).default(4).describe('letters that are counted together'),
    smoothing: smoothing.default(0.01),
  }),
  task: ngramModel(),
  model: ({ order }, form) => new Ngram(vocabularyOf(form), order),
})

export const experiments = [bigramOnNames, bigramOnAllNames, ngramOnShakespeare]
