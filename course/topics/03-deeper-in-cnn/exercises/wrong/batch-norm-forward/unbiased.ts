// Divided by one less than the batch.
export const mistake = 'running'

export function batchNorm(batch: number[][], gamma: number[], beta: number[], epsilon: number): number[][] {
  return batch.map(row =>
    row.map((value, j) => {
      const values = batch.map(one => one[j] ?? 0)
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1)
      const hat = (value - mean) / Math.sqrt(variance + epsilon)
      return (gamma[j] ?? 1) * hat + (beta[j] ?? 0)
    }),
  )
}
