// The padding counts as a word.
export const mistake = 'vector of the padding'

export function meanOfWords(tokens: number[], vectors: number[][]): number[] {
  return (vectors[0] ?? []).map(
    (_, d) => tokens.reduce((sum, token) => sum + (vectors[token]?.[d] ?? 0), 0) / tokens.length,
  )
}
