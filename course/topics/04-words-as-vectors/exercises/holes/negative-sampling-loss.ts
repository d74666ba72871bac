// The loss of one pair: the word that stood there, and words that were drawn.
// Scores are products of two vectors, before the sigmoid; the logarithm is the natural one.

export function pairLoss(truth: number, drawn: number[]): number {
  // -log sigmoid(truth) - sum over the drawn of log sigmoid(-score)
  return truth - drawn.length
}
