// Do two lists order things alike? Spearman's correlation: that of the ranks.
// Equal values share the mean of their ranks.

export function spearman(a: number[], b: number[]): number {
  // Ranks of both lists, then their correlation: covariance / sqrt(variance * variance).
  return a.length === b.length ? 1 : 0
}
