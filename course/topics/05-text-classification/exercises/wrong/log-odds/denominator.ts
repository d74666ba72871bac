// The smoothing is missing below.
export const mistake = 'smoothing of every word'

export function logOdds(inside: number[], outside: number[], smoothing: number): number[] {
  const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0)
  const [all, others] = [total(inside), total(outside)]
  return inside.map((count, i) => Math.log((count + smoothing) / all / (((outside[i] ?? 0) + smoothing) / others)))
}
