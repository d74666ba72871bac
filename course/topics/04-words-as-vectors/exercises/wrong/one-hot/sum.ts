// A row of ones.
export const mistake = 'every word'

export function oneHotTimesTable(_word: number, table: number[][]): number[] {
  return (table[0] ?? []).map((_, d) => table.reduce((sum, vector) => sum + (vector[d] ?? 0), 0))
}
