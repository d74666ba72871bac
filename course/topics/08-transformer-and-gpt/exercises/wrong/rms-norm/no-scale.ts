// Forgets the scale.
export const mistake = 'times its scale'

export function rmsNorm(x: number[]): number[] {
  const size = Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0) / x.length)
  return x.map(value => value / size)
}
