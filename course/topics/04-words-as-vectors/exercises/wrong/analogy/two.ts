// Leaves out two of the three words that were given.
export const mistake = 'none of the three'

export function analogy(a: number, b: number, c: number, vectors: number[][]): number {
  const at = (word: number, d: number) => vectors[word]?.[d] ?? 0
  const wanted = (vectors[a] ?? []).map((_, d) => at(b, d) - at(a, d) + at(c, d))
  const score = (word: number) => wanted.reduce((sum, value, d) => sum + value * at(word, d), 0)
  const others = vectors.map((_, word) => word).filter(word => word !== a && word !== c)
  return others.reduce((best, word) => (score(word) > score(best) ? word : best), others[0] ?? 0)
}
