// Character n-grams of words: the runs of letters that have vectors of their own, and the buckets that they fall into.
// Sources: Bojanowski, Grave, Joulin and Mikolov, "Enriching word vectors with subword information", 2017, section 3.2;
// the order and the hash are those of the authors' fastText (dictionary.cc).
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'

/** What fastText takes where nobody says anything else. */
const USUAL = { minGram: 3, buckets: 2_000_000 }

/** Settings of an experiment on words and their character n-grams, to be spread into its own. */
export const characterNgramSettings = {
  minGram: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(USUAL.minGram)
    .describe('letters of the shortest n-gram, with < and > counted'),
  maxGram: z
    .number()
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe('letters of the longest n-gram that has a vector; 0: words alone have vectors'),
  buckets: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(USUAL.buckets)
    .describe('n-grams share a vector where their hashes have the same remainder by this number'),
  grams: z.number().int().min(0).default(0).describe('buckets with an n-gram in them; found in the text'),
}

/** Which n-grams a word has, and how they are numbered. */
export interface CharacterNgramOptions {
  readonly minGram: number
  readonly maxGram: number
  readonly buckets: number
}

/** The n-grams that settings ask for, with fastText's defaults; undefined where words alone have vectors. */
export const askedNgrams = (
  { minGram = USUAL.minGram, maxGram = 0, buckets = USUAL.buckets }: Partial<CharacterNgramOptions>,
): CharacterNgramOptions | undefined => (maxGram > 0 ? { minGram, maxGram, buckets } : undefined)

/**
 * How many vectors of n-grams a model has, by its settings.
 * @throws UserError where it is to have some and the text that says how many is not read yet
 */
export function ngramVectors({ maxGram, grams }: { readonly maxGram: number; readonly grams: number }): number {
  if (maxGram === 0 || grams > 0) return grams
  throw new UserError({
    rule: 'The number of n-grams follows from the text, which is read when a training begins.',
    received: `maxGram=${maxGram}, grams=0`,
    next: 'To look at the model beforehand, say how many there are: --set grams=100',
  })
}

/**
 * The character n-grams of `<word>`, by where they begin and then by length; a word that is short enough is among them
 * itself. Characters are code points, and neither mark counts alone.
 * @throws UserError where the longest is shorter than the shortest
 */
export function characterNgrams(word: string, { minGram, maxGram }: Omit<CharacterNgramOptions, 'buckets'>): string[] {
  if (maxGram < minGram) {
    throw new UserError({
      rule: 'The longest n-gram has as many letters as the shortest, or more.',
      received: `minGram=${minGram}, maxGram=${maxGram}`,
      next: 'Give a larger maxGram, or maxGram=0 for vectors of words alone.',
    })
  }
  const letters = Array.from(`<${word}>`)
  return letters.flatMap((_, from) => {
    const longest = Math.min(maxGram, letters.length - from)
    return Array.from({ length: Math.max(0, longest - minGram + 1) }, (_one, k) => minGram + k)
      .filter(length => length > 1 || (from > 0 && from + 1 < letters.length))
      .map(length => letters.slice(from, from + length).join(''))
  })
}

const utf8 = new TextEncoder()

/** fastText's hash of a text, a whole number of 32 bits: FNV-1a over UTF-8, of which each byte counts as signed. */
export function fastTextHash(text: string): number {
  let hash = 2_166_136_261
  // A byte from 128 on is extended by ones to 32 bits, where FNV-1a has zeros.
  for (const byte of utf8.encode(text)) hash = Math.imul(hash ^ ((byte << 24) >> 24), 16_777_619)
  return hash >>> 0
}

/** The buckets of the n-grams of a word, in their order; one stands there as often as an n-gram falls into it. */
export const ngramBuckets = (word: string, options: CharacterNgramOptions): number[] =>
  characterNgrams(word, options).map(gram => fastTextHash(gram) % options.buckets)

/** The buckets that hold an n-gram of one of the words, in rising order. */
export const usedBuckets = (words: readonly string[], options: CharacterNgramOptions): Int32Array =>
  Int32Array.from(new Set(words.flatMap(word => ngramBuckets(word, options)))).sort()

/** Lists of numbers one after another: list `i` is `rows[offsets[i] .. offsets[i + 1]]`. */
export interface NgramLists {
  readonly rows: Int32Array
  readonly offsets: Int32Array
}

/** The n-grams of each word as rows of a table that has a row a bucket of `used`; those of other buckets left out. */
export function ngramLists(words: readonly string[], used: Int32Array, options: CharacterNgramOptions): NgramLists {
  const rowOf = new Map(Array.from(used, (bucket, row) => [bucket, row]))
  const lists = words.map(word => ngramBuckets(word, options).flatMap(bucket => rowOf.get(bucket) ?? []))
  const offsets = new Int32Array(words.length + 1)
  lists.forEach((list, i) => (offsets[i + 1] = (offsets[i] as number) + list.length))
  return { rows: Int32Array.from(lists.flat()), offsets }
}
