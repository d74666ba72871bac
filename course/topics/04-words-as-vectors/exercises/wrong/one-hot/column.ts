// A column instead of a row.
export const mistake = 'column'

export function oneHotTimesTable(word: number, table: number[][]): number[] {
  return table.map(row => row[word] ?? 0)
}
