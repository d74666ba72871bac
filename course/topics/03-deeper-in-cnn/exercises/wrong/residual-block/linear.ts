// No ReLU between the layers.
export const mistake = 'between'

export function residualBlock(x: number[], w1: number[][], w2: number[][]): number[] {
  const relu = (value: number) => Math.max(0, value)
  const times = (matrix: number[][], vector: number[]) =>
    matrix.map(row => row.reduce((sum, weight, i) => sum + weight * (vector[i] ?? 0), 0))
  const f = times(w2, times(w1, x))
  return x.map((value, i) => relu(value + (f[i] ?? 0)))
}
