// The buckets begin at 0.
export const mistake = 'numbers of words'

export function hashedPairs(text: string[], words: number, buckets: number, hash: (text: string) => number): number[] {
  return text.slice(1).map((word, i) => hash(`${text[i] ?? ''} ${word}`) % buckets + 0 * words)
}
