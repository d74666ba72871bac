// Pairs of neighbours as numbers, without a list of all pairs: each is hashed into one of some buckets.

export function hashedPairs(text: string[], words: number, buckets: number, hash: (text: string) => number): number[] {
  return text.slice(1).map((word, i) => words + 1 + (hash(`${text[i] ?? ''} ${word}`) % buckets))
}
