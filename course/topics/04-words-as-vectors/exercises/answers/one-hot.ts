// A one-hot row times a matrix: what a table of vectors computes, the long way.

export function oneHotTimesTable(word: number, table: number[][]): number[] {
  const row = table.map((_, w) => (w === word ? 1 : 0))
  const width = table[0]?.length ?? 0
  return Array.from({ length: width }, (_, d) =>
    table.reduce((sum, vector, w) => sum + (row[w] ?? 0) * (vector[d] ?? 0), 0))
}
