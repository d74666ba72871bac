// Compares by the last token alone.
export const mistake = 'whole sequence'

interface Beam {
  tokens: number[]
  sum: number
}

export function beamStep(beams: Beam[], logProbabilities: number[][], width: number): Beam[] {
  const all = beams.flatMap(({ tokens }, b) =>
    (logProbabilities[b] ?? []).map((more, word) => ({ tokens: [...tokens, word], sum: more })))
  return all.sort((one, other) => other.sum - one.sum).slice(0, width)
}
