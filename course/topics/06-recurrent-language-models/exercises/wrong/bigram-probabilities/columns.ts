// Takes rows for columns.
export const mistake = 'other way round'

export function bigramProbabilities(pairs: [number, number][], letters: number, smoothing: number): number[][] {
  const counts = Array.from({ length: letters }, () => new Array<number>(letters).fill(smoothing))
  for (const [before, next] of pairs) {
    const row = counts[next] ?? []
    row[before] = (row[before] ?? 0) + 1
  }
  return counts.map(row => row.map(count => count / row.reduce((a, b) => a + b, 0)))
}
