// How likely an occurrence of a frequent word is left out, by the formula of the paper.
// p(left out) = 1 - sqrt(threshold / share), where share is the word's part of the text; never below 0.

export function leftOut(count: number, words: number, threshold: number): number {
  // The share of the word first, then the formula.
  return count / words - threshold
}
