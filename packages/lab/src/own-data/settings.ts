// Settings of experiments on a user's own data: where they lie, how they are divided, how a text becomes tokens.
import { z } from 'zod'
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
