// Mean and deviation as if they were constants.
export const mistake = 'constants'

export function batchNormBackward(x: number[], gradient: number[], gamma: number, epsilon: number): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length
  const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length + epsilon)
  const hat = x.map(value => (value - mean) / deviation)
  const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const all = meanOf(gradient)
  const along = meanOf(gradient.map((value, i) => value * (hat[i] ?? 0)))
  return gradient.map((value, i) => (gamma / deviation) * (value + 0 * (all + along + (hat[i] ?? 0))))
}
