// A recurrent net reads a sequence.

const times = (matrix: number[][], vector: number[]) =>
  matrix.map(row => row.reduce((sum, weight, i) => sum + weight * (vector[i] ?? 0), 0))

export function recurrence(xs: number[][], w: number[][], u: number[][], b: number[]): number[][] {
  let h = b.map(() => 0)
  return xs.map(x => {
    const [now, before] = [times(w, x), times(u, h)]
    return (h = b.map((bias, k) => Math.tanh((now[k] ?? 0) + (before[k] ?? 0) + bias)))
  })
}
