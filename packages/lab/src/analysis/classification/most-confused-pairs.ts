// Which class is most often taken for which: the off-diagonal cells of a confusion matrix, largest first.
import type { ConfusionMatrix } from './confusion-matrix.ts'

/** One off-diagonal cell of a confusion matrix. */
export interface ConfusedPair {
  /** Index of the true class. */
  readonly truth: number
  /** Index of the class predicted in its place. */
  readonly prediction: number
  readonly truthName: string
  readonly predictionName: string
  /** How many items. */
  readonly count: number
  /** `count` divided by the number of items of the true class. */
  readonly share: number
}

/**
 * The `k` largest off-diagonal counts, largest first; ties in index order. Pairs that never occur are left out.
 * @param k how many pairs, default 10
 */
export function mostConfusedPairs(matrix: ConfusionMatrix, k = 10): ConfusedPair[] {
  const n = matrix.classes.length
  const pairs: ConfusedPair[] = []
  for (let truth = 0; truth < n; truth++) {
    const row = matrix.counts.subarray(truth * n, (truth + 1) * n)
    const support = row.reduce((sum, count) => sum + count, 0)
    row.forEach((count, prediction) => {
      if (prediction === truth || count === 0) return
      pairs.push({
        truth,
        prediction,
        truthName: matrix.classes[truth] ?? String(truth),
        predictionName: matrix.classes[prediction] ?? String(prediction),
        count,
        share: count / support,
      })
    })
  }
  return pairs.sort((a, b) => b.count - a.count || a.truth - b.truth || a.prediction - b.prediction).slice(0, k)
}
