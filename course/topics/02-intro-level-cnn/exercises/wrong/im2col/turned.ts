// A column for each window instead of a row.
export const mistake = 'lies on its side'

export function windowsOf(maps: number[][][], kernel: number): number[][] {
  const rows = (maps[0]?.length ?? 0) - kernel + 1
  const columns = (maps[0]?.[0]?.length ?? 0) - kernel + 1
  const windows = Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return maps.flatMap(map => map.slice(i, i + kernel).flatMap(row => row.slice(j, j + kernel)))
  })
  return (windows[0] ?? []).map((_, k) => windows.map(row => row[k] ?? 0))
}
