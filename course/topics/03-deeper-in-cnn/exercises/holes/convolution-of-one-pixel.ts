// A convolution of 1x1: every output map is a weighted sum of the input maps, pixel by pixel.
// `maps` are [inputs][rows][columns], `weights` [outputs][inputs]; no bias.

export function pointwise(maps: number[][][], weights: number[][]): number[][][] {
  // Write the output maps here.
  return weights.map(row => (maps[0] ?? []).map(line => line.map(value => value * (row[0] ?? 0))))
}
