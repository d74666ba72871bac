// Batch norm in training: each unit over the batch to mean 0 and deviation 1, then times gamma, plus beta.

export function batchNorm(batch: number[][], gamma: number[], beta: number[], epsilon: number): number[][] {
  return batch.map(row =>
    row.map((value, j) => {
      const values = batch.map(one => one[j] ?? 0)
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length
      const hat = (value - mean) / Math.sqrt(variance + epsilon)
      return (gamma[j] ?? 1) * hat + (beta[j] ?? 0)
    }),
  )
}
