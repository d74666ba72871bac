// Ranks one of the lists alone.
export const mistake = 'Both lists'

const ranks = (values: number[]) => values.map(value =>
  values.filter(one => one < value).length + (values.filter(one => one === value).length + 1) / 2)
const correlation = (a: number[], b: number[]) => {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [a.map(value => value - mean(a)), b.map(value => value - mean(b))]
  const product = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0)
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}

export function spearman(a: number[], b: number[]): number {
  return correlation(ranks(a), b)
}
