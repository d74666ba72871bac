// With what speaks against.
export const mistake = 'below 0'

export function gradCam(maps: number[][][], gradients: number[][][]): number[][] {
  const meanOf = (map: number[][]) => map.flat().reduce((a, b) => a + b, 0) / map.flat().length
  return (maps[0] ?? []).map((line, y) =>
    line.map((_, x) => {
      const sum = maps.reduce((all, map, c) => all + meanOf(gradients[c] ?? []) * (map[y]?.[x] ?? 0), 0)
      return sum
    }),
  )
}
