// Takes away the largest score of all, of padding too.
export const mistake = 'those that are seen'

export function maskedSoftmax(scores: number[], padding: boolean[]): number[] {
  const most = Math.max(...scores)
  const powers = scores.map((score, i) => (padding[i] ? 0 : Math.exp(score - most)))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
