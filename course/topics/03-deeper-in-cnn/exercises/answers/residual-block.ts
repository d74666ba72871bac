// A residual block of two linear layers: y = max(0, x + W2 max(0, W1 x)).

export function residualBlock(x: number[], w1: number[][], w2: number[][]): number[] {
  const relu = (value: number) => Math.max(0, value)
  const times = (matrix: number[][], vector: number[]) =>
    matrix.map(row => row.reduce((sum, weight, i) => sum + weight * (vector[i] ?? 0), 0))
  const f = times(w2, times(w1, x).map(relu))
  return x.map((value, i) => relu(value + (f[i] ?? 0)))
}
