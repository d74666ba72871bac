// Subtracts the mean.
export const mistake = 'not subtracted'

export function rmsNorm(x: number[], scale: number[]): number[] {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length
  const size = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length)
  return x.map((value, i) => ((value - mean) / size) * (scale[i] ?? 1))
}
