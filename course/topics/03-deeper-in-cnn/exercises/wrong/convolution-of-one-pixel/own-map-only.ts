// Each output from the map of its own number.
export const mistake = 'all input maps'

export function pointwise(maps: number[][][], weights: number[][]): number[][][] {
  return weights.map((row, o) => (maps[o] ?? []).map(line => line.map(value => value * (row[o] ?? 0))))
}
