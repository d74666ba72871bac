// Gradient times map at each place.
export const mistake = 'mean'

export function gradCam(maps: number[][][], gradients: number[][][]): number[][] {
  return (maps[0] ?? []).map((line, y) =>
    line.map((_, x) => {
      const sum = maps.reduce((all, map, c) => all + (gradients[c]?.[y]?.[x] ?? 0) * (map[y]?.[x] ?? 0), 0)
      return Math.max(0, sum)
    }),
  )
}
