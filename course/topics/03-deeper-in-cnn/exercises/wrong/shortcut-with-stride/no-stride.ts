// Only the channels.
export const mistake = 'half as'

export function shortcut(maps: number[][][], channels: number): number[][][] {
  const zeros = Array.from({ length: (channels - maps.length) / 2 }, () => (maps[0] ?? []).map(row => row.map(() => 0)))
  return [...zeros, ...maps, ...zeros]
}
