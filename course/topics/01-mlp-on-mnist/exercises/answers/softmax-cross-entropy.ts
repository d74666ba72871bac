// Softmax and cross-entropy for one example.

export function softmaxCrossEntropy(logits: readonly number[], label: number): { loss: number; gradient: number[] } {
  const largest = Math.max(...logits)
  const powers = logits.map(z => Math.exp(z - largest))
  const sum = powers.reduce((a, b) => a + b, 0)
  // -log p_label = log(sum) - (z_label - largest): no division, so nothing becomes log(0).
  const loss = Math.log(sum) - ((logits[label] ?? NaN) - largest)
  return { loss, gradient: powers.map((power, k) => power / sum - (k === label ? 1 : 0)) }
}
