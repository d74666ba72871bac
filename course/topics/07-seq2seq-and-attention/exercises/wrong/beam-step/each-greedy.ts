// Lets every beam go on with its own best token.
export const mistake = 'its own best'

interface Beam {
  tokens: number[]
  sum: number
}

export function beamStep(beams: Beam[], logProbabilities: number[][]): Beam[] {
  return beams
    .map(({ tokens, sum }, b) => {
      const row = logProbabilities[b] ?? []
      const best = Math.max(...row)
      return { tokens: [...tokens, row.indexOf(best)], sum: sum + best }
    })
    .sort((one, other) => other.sum - one.sum)
}
