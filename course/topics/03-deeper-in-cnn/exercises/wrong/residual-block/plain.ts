// Two layers without the shortcut.
export const mistake = 'shortcut'

export function residualBlock(x: number[], w1: number[][], w2: number[][]): number[] {
  const relu = (value: number) => Math.max(0, value)
  const times = (matrix: number[][], vector: number[]) =>
    matrix.map(row => row.reduce((sum, weight, i) => sum + weight * (vector[i] ?? 0), 0))
  return times(w2, times(w1, x).map(relu)).map(relu)
}
