// A convolution of 1x1: every output map is a weighted sum of the input maps, pixel by pixel.

export function pointwise(maps: number[][][], weights: number[][]): number[][][] {
  return weights.map(row =>
    (maps[0] ?? []).map((line, y) =>
      line.map((_, x) => row.reduce((sum, weight, c) => sum + weight * (maps[c]?.[y]?.[x] ?? 0), 0)),
    ),
  )
}
