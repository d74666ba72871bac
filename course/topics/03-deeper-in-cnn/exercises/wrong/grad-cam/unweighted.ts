// The mean of the maps.
export const mistake = 'weight'

export function gradCam(maps: number[][][], gradients: number[][][]): number[][] {
  return (maps[0] ?? []).map((line, y) =>
    line.map((_, x) => {
      const sum = maps.reduce((all, map) => all + (gradients.length > 0 ? 1 : 0) * (map[y]?.[x] ?? 0), 0)
      return Math.max(0, sum)
    }),
  )
}
