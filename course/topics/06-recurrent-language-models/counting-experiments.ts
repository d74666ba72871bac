// What counts: pairs of letters in names, runs of letters in Shakespeare.
import {
  experiment, KneserNey, kneserNeyModel, Ngram, ngramModel, textStream, trainingSettings, vocabularyOf, windowSettings,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { NAMES, SHAKESPEARE } from './alphabets.ts'
import { countedBigrams } from './published.ts'

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
  published: countedBigrams,
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

export const kneserNeyOnShakespeare = experiment({
  name: 'kneser-ney-on-shakespeare',
  title: 'Runs of letters, counted and smoothed well',
  question: 'How far does counting come when unseen runs are guessed by what their ends are seen with?',
  data: textStream({ texts: 'tiny-shakespeare', tokenizer: { alphabet: SHAKESPEARE } }),
  config: z.strictObject({
    ...counting,
    blockSize: windowSettings.blockSize.default(1024),
    order: z.number().int().min(1).max(8).default(6).describe('letters that are counted together'),
    contexts: z.number().int().min(1).max(2_000_000).default(200_000).describe('most contexts that are told apart'),
    discount: z.number().min(0).lt(1).default(0).describe('taken from every count; 0: estimated'),
  }),
  task: kneserNeyModel(),
  model: ({ order, contexts }, form) => new KneserNey(vocabularyOf(form), order, contexts),
})

export const countingExperiments = [bigramOnNames, bigramOnAllNames, ngramOnShakespeare, kneserNeyOnShakespeare]
