// Divides by the length of the vector.
export const mistake = 'mean of the squares'

export function rmsNorm(x: number[], scale: number[]): number[] {
  const size = Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0))
  return x.map((value, i) => (value / size) * (scale[i] ?? 1))
}
