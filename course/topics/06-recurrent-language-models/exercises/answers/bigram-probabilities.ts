// The table of the first model.

export function bigramProbabilities(pairs: [number, number][], letters: number, smoothing: number): number[][] {
  const counts = Array.from({ length: letters }, () => new Array<number>(letters).fill(smoothing))
  for (const [before, next] of pairs) {
    const row = counts[before] ?? []
    row[next] = (row[next] ?? 0) + 1
  }
  return counts.map(row => {
    const sum = row.reduce((a, b) => a + b, 0)
    return row.map(count => count / sum)
  })
}
