// What a word says: the logarithm of how much likelier it is in one class than in the other.

export function logOdds(inside: number[], outside: number[], smoothing: number): number[] {
  const total = (counts: number[]) => counts.reduce((sum, count) => sum + count + smoothing, 0)
  const [all, others] = [total(inside), total(outside)]
  return inside.map((count, i) => Math.log((count + smoothing) / all / (((outside[i] ?? 0) + smoothing) / others)))
}
