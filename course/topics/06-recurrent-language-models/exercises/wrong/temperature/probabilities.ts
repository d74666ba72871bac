// Divides the probabilities, which changes nothing once they add up to one again.
export const mistake = 'before the exponential'

export function atTemperature(logits: number[], temperature: number): number[] {
  const most = Math.max(...logits)
  const powers = logits.map(logit => Math.exp(logit - most) / temperature)
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
