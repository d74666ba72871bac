// The way through the deviation alone.
export const mistake = 'mean'

export function batchNormBackward(x: number[], gradient: number[], gamma: number, epsilon: number): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length
  const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length + epsilon)
  const hat = x.map(value => (value - mean) / deviation)
  const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const all = meanOf(gradient)
  const along = meanOf(gradient.map((value, i) => value * (hat[i] ?? 0)))
  return gradient.map((value, i) => (gamma / deviation) * (value - 0 * all - (hat[i] ?? 0) * along))
}
