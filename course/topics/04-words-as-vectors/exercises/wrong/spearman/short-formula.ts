// The formula that many books give, with right ranks.
export const mistake = 'holds without ties only'

const ranks = (values: number[]) =>
  values.map(x => values.filter(y => y < x).length + (values.filter(y => y === x).length + 1) / 2)

export function spearman(a: number[], b: number[]): number {
  const [p, q, n] = [ranks(a), ranks(b), a.length]
  return 1 - (6 * p.reduce((sum, x, i) => sum + (x - (q[i] ?? 0)) ** 2, 0)) / (n ** 3 - n)
}
