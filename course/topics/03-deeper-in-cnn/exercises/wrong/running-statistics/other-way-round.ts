// Momentum as the share of the old.
export const mistake = 'new batch'

export function runningStatistics(
  running: { mean: number; variance: number },
  batch: number[],
  momentum: number,
): { mean: number; variance: number } {
  const mean = batch.reduce((a, b) => a + b, 0) / batch.length
  const variance = batch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (batch.length - 1)
  return {
    mean: momentum * running.mean + (1 - momentum) * mean,
    variance: momentum * running.variance + (1 - momentum) * variance,
  }
}
