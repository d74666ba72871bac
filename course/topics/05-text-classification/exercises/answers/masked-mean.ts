// The mean of the vectors of a text, where 0 only fills it up to the length of its batch.

export function meanOfWords(tokens: number[], vectors: number[][]): number[] {
  const words = tokens.filter(token => token > 0)
  return (vectors[0] ?? []).map(
    (_, d) => words.reduce((sum, token) => sum + (vectors[token]?.[d] ?? 0), 0) / Math.max(1, words.length),
  )
}
