// Settings of experiments on a user's own data: where they lie, how they are divided, how a text becomes tokens.
import { z } from 'zod'
import { pairSettings, subwordSettings } from '../data-source/pairs.ts'
import { windowSettings } from '../data-source/text-stream.ts'

/** A name of a column or a class, in the form that the names in own data have. */
export const statedName = z.coerce.string().trim().normalize('NFC')

const placeSettings = {
  data: z.string().default('').describe('path of the data, as given by --data'),
  testShare: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .describe('share held out as test set where the data are not divided already'),
  strict: z
    .boolean()
    .default(false)
    .describe('refuse data of which something would be left out; the same as --strict'),
  splitSeed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('decides which examples are held out'),
}

/** Settings of everything that learns from a table. */
export const tableSettings = {
  testData: z.string().default('').describe('a second table to test on; empty: a share of the first, testShare'),
  delimiter: z
    .string()
    .max(1)
    .default('')
    .describe('character between fields; empty: found among comma, semicolon, tab and bar'),
  header: z
    .union([z.boolean(), z.literal('auto')])
    .default('auto')
    .describe('the first row names the columns (else they are column1, column2, ...); auto: found by looking'),
}

/** Settings of all experiments on own data with classes: where the data lie, and how they are divided. */
export const ownSettings = {
  data: placeSettings.data,
  classes: z.array(statedName).default([]).describe('names of the classes in order; empty: those found'),
  testShare: placeSettings.testShare,
  strict: placeSettings.strict,
  splitSeed: placeSettings.splitSeed,
}

/** Settings of a language model on own texts, to be spread into an experiment's. */
export const ownTextSettings = {
  ...placeSettings,
  testShare: placeSettings.testShare
    .default(0.1)
    .describe('share of the documents (of a single one: its end) held out as test set'),
  ...windowSettings,
  tokenizer: z
    .string()
    .min(1)
    .default('characters')
    .describe('characters, words or bpe, learned from the text, or the path of a tokenizer.json'),
  vocabularySize: z.number().int().min(2).max(2 ** 21).default(1024).describe('most tokens that bpe and words learn'),
  vocabulary: z.number().int().min(0).default(0).describe('tokens that there are; found in the text'),
}

/** Settings of a model on an own table of pairs of texts, to be spread into an experiment's. */
export const ownPairSettings = {
  ...placeSettings,
  testShare: placeSettings.testShare.default(0.1).describe('share of the sources held out as test set'),
  ...tableSettings,
  source: statedName.default('').describe('column of the text that is read; empty: source, else the first'),
  target: statedName.default('').describe('column of the text that is written; empty: target, else the next'),
  units: z
    .enum(['characters', 'blanks', 'subwords'])
    .default('characters')
    .describe('what texts are cut into: characters for words, subwords for sentences, or what blanks divide'),
  ...pairSettings,
  ...subwordSettings,
  longest: pairSettings.longest.default(64),
}
