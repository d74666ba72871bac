// Windows side by side, as in pooling.
export const mistake = 'overlap'

export function windowsOf(maps: number[][][], kernel: number): number[][] {
  const rows = Math.floor((maps[0]?.length ?? 0) / kernel)
  const columns = Math.floor((maps[0]?.[0]?.length ?? 0) / kernel)
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [kernel * Math.floor(at / columns), kernel * (at % columns)]
    return maps.flatMap(map => map.slice(i, i + kernel).flatMap(row => row.slice(j, j + kernel)))
  })
}
