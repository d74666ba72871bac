// The last batch alone.
export const mistake = 'old'

export function runningStatistics(
  running: { mean: number; variance: number },
  batch: number[],
  momentum: number,
): { mean: number; variance: number } {
  const mean = batch.reduce((a, b) => a + b, 0) / batch.length
  const variance = batch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (batch.length - 1)
  return {
    mean: mean + 0 * momentum * running.mean,
    variance: variance,
  }
}
