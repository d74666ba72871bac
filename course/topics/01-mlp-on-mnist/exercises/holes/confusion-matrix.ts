// The confusion matrix: counts[truth][prediction]. From it, the recall of a class: the share of its examples found.

export function confusion(
  truths: number[],
  predictions: number[],
  classes: number,
): { counts: number[][]; recall: number[] } {
  // Write it here.
  return {
    counts: Array.from({ length: classes }, () => Array<number>(classes).fill(0)),
    recall: truths.map((_, i) => predictions[i] ?? 0),
  }
}
