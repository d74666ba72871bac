// Padding is out before the shares are made.

export function maskedSoftmax(scores: number[], padding: boolean[]): number[] {
  const seen = scores.map((score, i) => (padding[i] ? -Infinity : score))
  const most = Math.max(...seen)
  const powers = seen.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
