// The maps alternate within a window.
export const mistake = 'map by map'

export function windowsOf(maps: number[][][], kernel: number): number[][] {
  const rows = (maps[0]?.length ?? 0) - kernel + 1
  const columns = (maps[0]?.[0]?.length ?? 0) - kernel + 1
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return Array.from({ length: kernel * kernel }, (_, k) =>
      maps.map(map => map[i + Math.floor(k / kernel)]?.[j + (k % kernel)] ?? 0),
    ).flat()
  })
}
