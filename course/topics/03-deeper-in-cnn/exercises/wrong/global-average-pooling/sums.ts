// Sums instead of means.
export const mistake = 'divide'

export function globalAverage(maps: number[][][]): number[] {
  return maps.map(map => map.flat().reduce((a, b) => a + b, 0))
}
