// A layer of tanh over both, and one weight for each of its units.

export function additiveScore(query: number[], key: number[], W: number[][], U: number[][], v: number[]): number {
  const dot = (row: number[] = [], x: number[]) => row.reduce((sum, weight, i) => sum + weight * (x[i] ?? 0), 0)
  return v.reduce((sum, weight, i) => sum + weight * Math.tanh(dot(W[i], query) + dot(U[i], key)), 0)
}
