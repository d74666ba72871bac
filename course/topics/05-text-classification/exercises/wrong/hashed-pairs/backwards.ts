// The second word goes first.
export const mistake = 'order'

export function hashedPairs(text: string[], words: number, buckets: number, hash: (text: string) => number): number[] {
  return text.slice(1).map((word, i) => words + 1 + (hash(`${word} ${text[i] ?? ''}`) % buckets))
}
