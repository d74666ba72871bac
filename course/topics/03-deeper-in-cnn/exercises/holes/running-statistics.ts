// What batch norm keeps for use: averages of mean and variance that move a little with every batch, as in PyTorch.
// `momentum` is the share of the new batch; the variance of a batch is the unbiased one here.

export function runningStatistics(
  running: { mean: number; variance: number },
  batch: number[],
  momentum: number,
): { mean: number; variance: number } {
  // Write the new averages here.
  return { mean: running.mean + batch.length * momentum, variance: running.variance }
}
