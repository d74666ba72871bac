// Softmax at a temperature.

export function atTemperature(logits: number[], temperature: number): number[] {
  const most = Math.max(...logits)
  const powers = logits.map(logit => Math.exp((logit - most) / temperature))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
