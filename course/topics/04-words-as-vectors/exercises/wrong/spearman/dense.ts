// Equal values take up one rank.
export const mistake = 'take up two ranks'

const ranks = (values: number[]) => {
  const sorted = [...new Set(values)].sort((x, y) => x - y)
  return values.map(value => 1 + sorted.indexOf(value))
}
const correlation = (a: number[], b: number[]) => {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [a.map(value => value - mean(a)), b.map(value => value - mean(b))]
  const product = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0)
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}

export function spearman(a: number[], b: number[]): number {
  return correlation(ranks(a), ranks(b))
}
