// Takes the logarithm of the mean probability.
export const mistake = 'mean of the logarithms'

export function bitsPerLetter(probabilities: number[]): { nats: number; bits: number; perplexity: number } {
  const nats = -Math.log(probabilities.reduce((a, b) => a + b, 0) / probabilities.length)
  return { nats, bits: nats / Math.LN2, perplexity: Math.exp(nats) }
}
