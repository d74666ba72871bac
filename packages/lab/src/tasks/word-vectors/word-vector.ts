// The vector of a word by its letters: one that the model has, or what its n-grams say of a word that it has not.
import { checkOptions } from '@ddlf/tensor/errors'
import { askedNgrams, ngramLists, type CharacterNgramOptions } from './character-ngrams.ts'
import type { WordVectors } from './word-vectors.ts'

/**
 * The vector of a word: the row of one that the model knows; of another the mean of the vectors of its character
 * n-grams, those left out that no known word has. Source: fastText, `getWordVector`.
 * @param words those of the model, in the order of its vectors
 * @param options which n-grams it has
 * @returns float32 [dimensions]; undefined where the word is not known, and none of its n-grams either
 */
export function wordVector(
  model: WordVectors, words: readonly string[], options: Partial<CharacterNgramOptions>, word: string,
): Float32Array | undefined {
  const asked = askedNgrams(checkOptions('wordVector', options, ['minGram', 'maxGram', 'buckets']))
  const { input, grams, buckets } = model
  const rowIn = ({ weight, embeddingDim }: WordVectors['input'], row: number) =>
    (weight.leaf?.data as Float32Array).slice(row * embeddingDim, (row + 1) * embeddingDim)
  const known = words.indexOf(word)
  if (known >= 0) return rowIn(input, known)
  if (!asked || !grams || !buckets) return undefined
  const { rows } = ngramLists([word], buckets.leaf?.data as Int32Array, asked)
  if (rows.length === 0) return undefined
  const total = new Float32Array(grams.embeddingDim)
  for (const row of rows) rowIn(grams, row).forEach((value, d) => (total[d] = (total[d] as number) + value))
  return total.map(value => value / rows.length)
}
