// Sorted from the smallest sum on.
export const mistake = 'The least likely went on'

interface Beam { tokens: number[]; sum: number }

export function beamStep(beams: Beam[], logProbabilities: number[][], width: number): Beam[] {
  return beams
    .flatMap(({ tokens, sum }, b) =>
      (logProbabilities[b] ?? []).map((log, w) => ({ tokens: [...tokens, w], sum: sum + log })),
    )
    .sort((x, y) => x.sum - y.sum)
    .slice(0, width)
}
