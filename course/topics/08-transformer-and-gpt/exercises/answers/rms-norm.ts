// Divides by the root of the mean square.

export function rmsNorm(x: number[], scale: number[]): number[] {
  const size = Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0) / x.length)
  return x.map((value, i) => (value / size) * (scale[i] ?? 1))
}
