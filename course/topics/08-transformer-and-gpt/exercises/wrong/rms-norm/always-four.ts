// Takes every vector for one of four elements.
export const mistake = 'as many squares as there are'

export function rmsNorm(x: number[], scale: number[]): number[] {
  const size = Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0) / 4)
  return x.map((value, i) => (value / size) * (scale[i] ?? 1))
}
