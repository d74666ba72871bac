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
