// How likely an occurrence of a frequent word is left out, by the formula of the paper.

export function leftOut(count: number, words: number, threshold: number): number {
  return Math.max(0, 1 - Math.sqrt(threshold / (count / words)))
}
