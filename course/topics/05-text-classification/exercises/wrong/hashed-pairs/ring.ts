// The last word is paired with the first.
export const mistake = 'one pair fewer'

export function hashedPairs(text: string[], words: number, buckets: number, hash: (text: string) => number): number[] {
  return text.map((word, i) => words + 1 + (hash(`${word} ${text[(i + 1) % text.length] ?? ''}`) % buckets))
}
