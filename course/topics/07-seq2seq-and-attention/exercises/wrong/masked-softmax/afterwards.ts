// Strikes out padding after the softmax.
export const mistake = 'no longer add up to one'

export function maskedSoftmax(scores: number[], padding: boolean[]): number[] {
  const most = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power, i) => (padding[i] ? 0 : power / sum))
}
