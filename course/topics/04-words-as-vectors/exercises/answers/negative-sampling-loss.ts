// The loss of one pair: the word that stood there, and words that were drawn.

/** -log sigmoid(x), which is finite where the sigmoid is 0. */
const surprise = (x: number) => (x > 0 ? Math.log1p(Math.exp(-x)) : -x + Math.log1p(Math.exp(x)))

export function pairLoss(truth: number, drawn: number[]): number {
  return drawn.reduce((sum, score) => sum + surprise(-score), surprise(truth))
}
