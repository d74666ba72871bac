// Takes the exponential of large scores.
export const mistake = 'too large for a number'

export function maskedSoftmax(scores: number[], padding: boolean[]): number[] {
  const powers = scores.map((score, i) => (padding[i] ? 0 : Math.exp(score)))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
