// Nothing divided by nothing.
export const mistake = 'without a word'

export function meanOfWords(tokens: number[], vectors: number[][]): number[] {
  const words = tokens.filter(token => token > 0)
  return (vectors[0] ?? []).map(
    (_, d) => words.reduce((sum, token) => sum + (vectors[token]?.[d] ?? 0), 0) / words.length,
  )
}
