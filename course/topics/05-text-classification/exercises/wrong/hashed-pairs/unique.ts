// Each pair once.
export const mistake = 'twice'

export function hashedPairs(text: string[], words: number, buckets: number, hash: (text: string) => number): number[] {
  const numbers = text.slice(1).map((word, i) => words + 1 + (hash(`${text[i] ?? ''} ${word}`) % buckets))
  return [...new Set(numbers)]
}
