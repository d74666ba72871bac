// The weights of an attention: softmax of the scores, in which padding (true) gets nothing. Scores may be in the
// hundreds.

export function maskedSoftmax(scores: number[], padding: boolean[]): number[] {
  // Write it here.
  return scores.map((score, i) => (padding[i] ? 0 : score))
}
