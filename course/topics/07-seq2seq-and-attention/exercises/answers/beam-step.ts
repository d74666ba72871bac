// All continuations of all beams compete.

export interface Beam {
  tokens: number[]
  sum: number
}

export function beamStep(beams: Beam[], logProbabilities: number[][], width: number): Beam[] {
  const all = beams.flatMap(({ tokens, sum }, b) =>
    (logProbabilities[b] ?? []).map((more, word) => ({ tokens: [...tokens, word], sum: sum + more })))
  return all.sort((one, other) => other.sum - one.sum).slice(0, width)
}
