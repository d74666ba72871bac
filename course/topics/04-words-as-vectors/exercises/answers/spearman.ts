// Do two lists order things alike? Spearman's correlation: that of the ranks.

const ranks = (values: number[]) =>
  values.map(value => values.filter(one => one < value).length + (values.filter(one => one === value).length + 1) / 2)

export function spearman(a: number[], b: number[]): number {
  const [x, y] = [ranks(a), ranks(b)]
  const middle = (a.length + 1) / 2
  const product = (p: number[], q: number[]) =>
    p.reduce((sum, value, i) => sum + (value - middle) * ((q[i] ?? 0) - middle), 0)
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}
