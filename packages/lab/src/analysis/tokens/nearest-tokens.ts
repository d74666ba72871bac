// Which tokens a model sees alike: neighbours in the table of their vectors.
import { UserError } from '@ddlf/tensor/errors'

/** A token and how alike it is. */
export interface NearToken {
  readonly id: number
  /** Cosine of the angle between the two vectors. */
  readonly similarity: number
}

/**
 * The tokens whose vectors have the smallest angle to that of a token, the nearest first; of equal ones the smaller id.
 * A vector of zeros is near to nothing.
 * @param table row-major [words, size]
 * @throws UserError where the table is not made of whole rows, or there is no such token
 */
export function nearestTokens(table: Float32Array, words: number, id: number, count: number): NearToken[] {
  const size = table.length / words
  if (!Number.isInteger(size) || !Number.isInteger(id) || id < 0 || id >= words) {
    throw new UserError({
      rule: 'nearestTokens: a table has one vector for each token, and the token is one of them.',
      received: `${table.length} numbers for ${words} tokens, token ${id}`,
    })
  }
  const row = (k: number) => table.subarray(k * size, (k + 1) * size)
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
  const [own, length] = [row(id), Math.sqrt(dot(row(id), row(id)))]
  return Array.from({ length: words }, (_, other) => {
    const vector = row(other)
    const scale = length * Math.sqrt(dot(vector, vector))
    return { id: other, similarity: scale > 0 ? dot(own, vector) / scale : 0 }
  })
    .filter(one => one.id !== id)
    .sort((a, b) => b.similarity - a.similarity || a.id - b.id)
    .slice(0, count)
}
