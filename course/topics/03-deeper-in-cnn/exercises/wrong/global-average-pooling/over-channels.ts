// The mean over the channels at each place.
export const mistake = 'each map'

export function globalAverage(maps: number[][][]): number[] {
  const places = (maps[0] ?? []).flat().length
  return Array.from({ length: places }, (_, i) =>
    maps.reduce((sum, map) => sum + (map.flat()[i] ?? 0), 0) / maps.length,
  )
}
