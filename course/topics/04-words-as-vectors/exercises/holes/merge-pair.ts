// One merge of byte-pair encoding: the pair of neighbours that stands there most often becomes one token.
// Each word is a list of tokens. Of pairs that stand there equally often the first one wins, as it is read.

export function mergeOnce(words: string[][]): string[][] {
  // Count the pairs of neighbours in all words, and write the most frequent pair as one token wherever it stands.
  return words
}
