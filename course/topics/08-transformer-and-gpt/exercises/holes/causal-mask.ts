// Weights from scores, row by row, where position i sees the positions 0 to i and none later: each row adds up to 1.

export function causalWeights(scores: number[][]): number[][] {
  // Write it here.
  return scores
}
