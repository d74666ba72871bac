// One step of a beam search. Each beam has its tokens and the sum of the logarithms of their probabilities;
// `logProbabilities[b][w]` is that of token w after beam b. The result are the `width` best continuations, the best
// first.

export interface Beam {
  tokens: number[]
  sum: number
}

export function beamStep(beams: Beam[], logProbabilities: number[][], width: number): Beam[] {
  // Write it here.
  return beams.slice(0, width + logProbabilities.length)
}
