// Global average pooling: one number a map, whatever the picture's size.

export function globalAverage(maps: number[][][]): number[] {
  return maps.map(map => map.flat().reduce((a, b) => a + b, 0) / map.flat().length)
}
