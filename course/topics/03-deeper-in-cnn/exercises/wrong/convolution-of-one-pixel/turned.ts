// Weights read by columns.
export const mistake = 'row'

export function pointwise(maps: number[][][], weights: number[][]): number[][][] {
  return weights.map((_, o) =>
    (maps[0] ?? []).map((line, y) =>
      line.map((_, x) => weights.reduce((sum, row, c) => sum + (row[o] ?? 0) * (maps[c]?.[y]?.[x] ?? 0), 0)),
    ),
  )
}
