// Grad-CAM: where in the picture a class is seen. Each map's weight is the mean of the class's gradient by that map;

export function gradCam(maps: number[][][], gradients: number[][][]): number[][] {
  const meanOf = (map: number[][]) => map.flat().reduce((a, b) => a + b, 0) / map.flat().length
  return (maps[0] ?? []).map((line, y) =>
    line.map((_, x) => {
      const sum = maps.reduce((all, map, c) => all + meanOf(gradients[c] ?? []) * (map[y]?.[x] ?? 0), 0)
      return Math.max(0, sum)
    }),
  )
}
