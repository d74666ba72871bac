// No smoothing.
export const mistake = 'never stood in one class'

export function logOdds(inside: number[], outside: number[], smoothing: number): number[] {
  const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0)
  const [all, others] = [total(inside), total(outside)]
  return inside.map((count, i) => Math.log(count / all / ((outside[i] ?? 0) / others)) + 0 * smoothing)
}
