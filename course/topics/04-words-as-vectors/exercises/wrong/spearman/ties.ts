// Equal values get different ranks.
export const mistake = 'Equal values'

const ranks = (values: number[]) =>
  values.map((value, i) => 1 + values.filter((one, j) => one < value || (one === value && j < i)).length)

export function spearman(a: number[], b: number[]): number {
  const [x, y] = [ranks(a), ranks(b)]
  const middle = (a.length + 1) / 2
  const product = (p: number[], q: number[]) =>
    p.reduce((sum, value, i) => sum + (value - middle) * ((q[i] ?? 0) - middle), 0)
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}
