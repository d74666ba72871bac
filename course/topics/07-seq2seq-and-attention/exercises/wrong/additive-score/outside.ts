// Takes the tanh last.
export const mistake = 'of each unit'

export function additiveScore(query: number[], key: number[], W: number[][], U: number[][], v: number[]): number {
  const dot = (row: number[] = [], x: number[]) => row.reduce((sum, weight, i) => sum + weight * (x[i] ?? 0), 0)
  return Math.tanh(v.reduce((sum, weight, i) => sum + weight * (dot(W[i], query) + dot(U[i], key)), 0))
}
