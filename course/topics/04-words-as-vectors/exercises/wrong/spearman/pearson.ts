// The values instead of the ranks.
export const mistake = 'values themselves'

export function spearman(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [p, q] = [mean(a), mean(b)]
  const product = (x: number[], y: number[], u: number, v: number) =>
    x.reduce((sum, value, i) => sum + (value - u) * ((y[i] ?? 0) - v), 0)
  return product(a, b, p, q) / Math.sqrt(product(a, a, p, p) * product(b, b, q, q))
}
