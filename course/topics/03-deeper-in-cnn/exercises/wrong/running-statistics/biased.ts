// The mean of squares, as in training.
export const mistake = 'one less'

export function runningStatistics(
  running: { mean: number; variance: number },
  batch: number[],
  momentum: number,
): { mean: number; variance: number } {
  const mean = batch.reduce((a, b) => a + b, 0) / batch.length
  const variance = batch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / batch.length
  return {
    mean: (1 - momentum) * running.mean + momentum * mean,
    variance: (1 - momentum) * running.variance + momentum * variance,
  }
}
