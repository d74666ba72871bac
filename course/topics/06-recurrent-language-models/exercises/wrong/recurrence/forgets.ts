// Begins with an empty state at every step.
export const mistake = 'handed on'

const times = (matrix: number[][], vector: number[]) =>
  matrix.map(row => row.reduce((sum, weight, i) => sum + weight * (vector[i] ?? 0), 0))

export function recurrence(xs: number[][], w: number[][], _u: number[][], b: number[]): number[][] {
  return xs.map(x => times(w, x).map((sum, k) => Math.tanh(sum + (b[k] ?? 0))))
}
