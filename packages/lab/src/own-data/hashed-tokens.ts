// Texts as lists of token numbers without a vocabulary: every word and word n-gram is hashed into one of many buckets.
import { allocate, type Column, type Dataset } from '@ddlf/data'

/** How texts become numbers. */
export interface HashingOptions {
  /** Numbers that tokens are hashed to: 1 .. buckets; 0 fills up short texts. */
  readonly buckets: number
  /** Longest run of words that is a token of its own; 1: single words. */
  readonly ngrams: number
  /** Tokens kept of a text; the rest is cut off. */
  readonly maxTokens: number
}

/** Words, numbers and single marks of a text in lower case. */
export const words = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}']+|[^\s\p{L}\p{M}\p{N}']/gu) ?? []

/** What {@link words} does, in words. */
export const WORDS_IN_WORDS =
  'NFKC, small letters, cut into runs of letters, marks of combination, digits and apostrophes, and single other marks'

/** 32-bit FNV-1a over UTF-8. Source: Fowler, Noll and Vo, http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/**
 * The tokens of one text, words first and then the n-grams of 2, 3 and more words, filled up with 0.
 * Source: Joulin et al., "Bag of tricks for efficient text classification", 2016, section 2.2 (hashed n-grams).
 */
export function hashText(text: string, { buckets, ngrams, maxTokens }: HashingOptions): Int32Array {
  const list = words(text)
  const tokens = new Int32Array(maxTokens)
  let count = 0
  for (let n = 1; n <= ngrams; n++) {
    for (let i = 0; i + n <= list.length && count < maxTokens; i++)
      tokens[count++] = 1 + (fnv1a(list.slice(i, i + n).join(' ')) % buckets)
  }
  return tokens
}

/** What {@link hashText} does, in words. */
export const hashingInWords = ({ buckets, ngrams, maxTokens }: HashingOptions): string =>
  `${WORDS_IN_WORDS}; ${ngrams > 1 ? `after the words runs of 2 to ${ngrams}, joined by a blank; ` : ''}each is 1 + ` +
  `FNV-1a (32 bit, over UTF-8) modulo ${buckets}; the first ${maxTokens}, filled up with 0`

/**
 * A data set with the tokens of its text as the int32 column `tokens`, [maxTokens] an example.
 * @param shared put them into shared memory; default false
 */
export function withTokens(dataset: Dataset, options: HashingOptions, shared = false): Dataset {
  const texts = dataset.text?.['text'] ?? []
  const data = allocate('int32', dataset.length * options.maxTokens, shared) as Int32Array
  texts.forEach((one, i) => data.set(hashText(one, options), i * options.maxTokens))
  const tokens: Column = { dtype: 'int32', shape: [options.maxTokens], data }
  return { ...dataset, columns: { ...dataset.columns, tokens } }
}
