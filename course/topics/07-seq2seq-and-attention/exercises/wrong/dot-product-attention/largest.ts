// Takes the value with the largest weight.
export const mistake = 'mean of all'

export function dotProductAttention(
  query: number[], keys: number[][], values: number[][],
): { weights: number[]; context: number[] } {
  const scores = keys.map(key => key.reduce((sum, x, i) => sum + x * (query[i] ?? 0), 0) / Math.sqrt(query.length))
  const powers = scores.map(score => Math.exp(score))
  const sum = powers.reduce((a, b) => a + b, 0)
  const weights = powers.map(power => power / sum)
  return { weights, context: values[weights.indexOf(Math.max(...weights))] ?? [] }
}
