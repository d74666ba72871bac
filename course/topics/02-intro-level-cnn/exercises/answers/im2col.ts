// A convolution as a matrix product: every window of the picture as one row of numbers ("image to columns").

export function windowsOf(maps: number[][][], kernel: number): number[][] {
  const rows = (maps[0]?.length ?? 0) - kernel + 1
  const columns = (maps[0]?.[0]?.length ?? 0) - kernel + 1
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return maps.flatMap(map => map.slice(i, i + kernel).flatMap(row => row.slice(j, j + kernel)))
  })
}
