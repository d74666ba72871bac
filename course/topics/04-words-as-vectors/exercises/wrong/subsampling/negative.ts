// A rare word has a negative probability.
export const mistake = 'below 0'

export function leftOut(count: number, words: number, threshold: number): number {
  return 1 - Math.sqrt(threshold / (count / words))
}
