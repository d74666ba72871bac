// All zeros behind.
export const mistake = 'before'

export function shortcut(maps: number[][][], channels: number): number[][][] {
  const every = maps.map(map => map.filter((_, i) => i % 2 === 0).map(row => row.filter((_, j) => j % 2 === 0)))
  const zeros = Array.from({ length: channels - maps.length }, () => (every[0] ?? []).map(row => row.map(() => 0)))
  return [...every, ...zeros]
}
