// The confusion matrix and the recall of each class.

export function confusion(
  truths: number[],
  predictions: number[],
  classes: number,
): { counts: number[][]; recall: number[] } {
  const counts = Array.from({ length: classes }, () => Array<number>(classes).fill(0))
  truths.forEach((truth, i) => {
    const row = counts[truth] ?? []
    const prediction = predictions[i] ?? 0
    row[prediction] = (row[prediction] ?? 0) + 1
  })
  return { counts, recall: counts.map((row, k) => (row[k] ?? 0) / row.reduce((a, b) => a + b, 0)) }
}
