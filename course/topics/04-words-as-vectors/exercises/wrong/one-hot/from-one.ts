// Words are counted from 1.
export const mistake = 'from 0'

export function oneHotTimesTable(word: number, table: number[][]): number[] {
  return table[word - 1] ?? []
}
