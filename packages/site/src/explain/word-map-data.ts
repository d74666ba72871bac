// The vectors behind the map of words: of a recorded run, in bytes, with their places on the maps.
import { z } from 'zod'

export const wordMapSchema = z.strictObject({
  run: z.string(),
  experiment: z.string(),
  /** Those of the run that are not the experiment's defaults, and its passes. */
  settings: z.looseObject({ epochs: z.number() }),
  words: z.array(z.string()),
  /** Signed bytes in base64, [words, size]: each vector divided by its largest number, times 127. */
  vectors: z.string(),
  size: z.number(),
  /** The same, [words, 3]: along the first three principal components, over the largest of all. */
  pca: z.string(),
  /** Their shares of the variance. */
  variance: z.array(z.number()),
  /** [words, 2], within -127 to 127. */
  umap: z.string(),
  /** Of the 10 nearest words, the share that is among the 10 nearest on each map, over all words. */
  kept: z.strictObject({ pca: z.number(), umap: z.number() }),
})

export type WordMapRecord = z.infer<typeof wordMapSchema>

/** What the figure reads. */
export interface MappedWords {
  readonly words: readonly string[]
  readonly size: number
  /** Of length 1, [words, size]. */
  readonly vectors: Float32Array
  /** Within -1 to 1, [words, 3]. */
  readonly pca: Float32Array
  /** [words, 2]. */
  readonly umap: Float32Array
  readonly variance: readonly number[]
  readonly kept: { readonly pca: number; readonly umap: number }
}

const BYTE = 127

/** Signed bytes as numbers from -1 to 1. */
export function fromBytes(base64: string): Float32Array {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))
  return Float32Array.from(new Int8Array(bytes.buffer), value => value / BYTE)
}

/** The vectors, ready to be asked. */
export function readWordMap(record: unknown): MappedWords {
  const { vectors: bytes, pca, umap, words, size, variance, kept } = wordMapSchema.parse(record)
  const vectors = fromBytes(bytes)
  for (let from = 0; from < vectors.length; from += size) {
    const row = vectors.subarray(from, from + size)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    row.forEach((value, d) => (row[d] = value / length))
  }
  return { words, size, variance, kept, vectors, pca: fromBytes(pca), umap: fromBytes(umap) }
}
