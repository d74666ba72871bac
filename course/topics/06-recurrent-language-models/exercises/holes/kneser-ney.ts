// Kneser and Ney's count of a word: not how often it was seen, but after how many different words. `pairs` holds every
// two neighbours of a text; the result is each word's share of all different pairs.

export function continuations(pairs: [before: string, word: string][]): Record<string, number> {
  // Write it here.
  return Object.fromEntries(pairs.map(([, word]) => [word, pairs.length]))
}
