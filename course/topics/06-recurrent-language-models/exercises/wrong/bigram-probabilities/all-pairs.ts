// Divides by all pairs instead of by those of the row.
export const mistake = 'joint'

export function bigramProbabilities(pairs: [number, number][], letters: number, smoothing: number): number[][] {
  const counts = Array.from({ length: letters }, () => new Array<number>(letters).fill(smoothing))
  for (const [before, next] of pairs) {
    const row = counts[before] ?? []
    row[next] = (row[next] ?? 0) + 1
  }
  const sum = counts.flat().reduce((a, b) => a + b, 0)
  return counts.map(row => row.map(count => count / sum))
}
