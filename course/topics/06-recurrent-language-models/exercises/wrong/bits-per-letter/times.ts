// Multiplies by log 2 instead of dividing.
export const mistake = 'divided by log 2'

export function bitsPerLetter(probabilities: number[]): { nats: number; bits: number; perplexity: number } {
  const nats = probabilities.reduce((sum, p) => sum - Math.log(p), 0) / probabilities.length
  return { nats, bits: nats * Math.LN2, perplexity: Math.exp(nats) }
}
