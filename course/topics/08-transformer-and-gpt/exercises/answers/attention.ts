// Scaled dot-product attention.

const softmax = (scores: number[]): number[] => {
  const most = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
const mix = (weights: number[], values: number[][]) =>
  (values[0] ?? []).map((_, i) => weights.reduce((sum, weight, j) => sum + weight * (values[j]?.[i] ?? 0), 0))

export function attention(queries: number[][], keys: number[][], values: number[][]): number[][] {
  return queries.map(query => {
    const scores = keys.map(key => dot(query, key) / Math.sqrt(query.length))
    return mix(softmax(scores), values)
  })
}
