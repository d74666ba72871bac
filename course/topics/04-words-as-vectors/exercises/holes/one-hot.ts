// A one-hot row times a matrix: what a table of vectors computes, the long way.
// The row has a 1 at the number of the word and 0 elsewhere; the table has a row a word.

export function oneHotTimesTable(word: number, table: number[][]): number[] {
  // Make the row of zeros and a one, and multiply: result[d] = sum over words of row[w] * table[w][d].
  return table.map(row => row[word] ?? 0)
}
