// Compares place by place.
export const mistake = 'place by place'

export function editDistance(from: string[], to: string[]): number {
  const longest = Math.max(from.length, to.length)
  return Array.from({ length: longest }, (_, i) => from[i] !== to[i]).filter(Boolean).length
}
