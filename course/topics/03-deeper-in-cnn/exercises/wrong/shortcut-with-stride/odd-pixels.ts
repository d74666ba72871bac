// The pixels that are to be left out.
export const mistake = 'Row 0'

export function shortcut(maps: number[][][], channels: number): number[][][] {
  const every = maps.map(map => map.filter((_, i) => i % 2 === 1).map(row => row.filter((_, j) => j % 2 === 1)))
  const empty = (every[0] ?? []).map(row => row.map(() => 0))
  const zeros = Array.from({ length: (channels - maps.length) / 2 }, () => empty)
  return [...zeros, ...every, ...zeros]
}
