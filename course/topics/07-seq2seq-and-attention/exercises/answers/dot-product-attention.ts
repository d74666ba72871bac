// Scores, shares, mean.

export function dotProductAttention(
  query: number[], keys: number[][], values: number[][],
): { weights: number[]; context: number[] } {
  const scores = keys.map(key => key.reduce((sum, x, i) => sum + x * (query[i] ?? 0), 0) / Math.sqrt(query.length))
  const most = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  const weights = powers.map(power => power / sum)
  const context = (values[0] ?? []).map((_, d) => weights.reduce((all, w, i) => all + w * (values[i]?.[d] ?? 0), 0))
  return { weights, context }
}
