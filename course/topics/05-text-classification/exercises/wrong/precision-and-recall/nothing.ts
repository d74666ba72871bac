// Nothing divided by nothing.
export const mistake = 'nothing is called spam'

export function precisionAndRecall(
  probabilities: number[], isSpam: boolean[], threshold: number,
): { precision: number; recall: number } {
  const called = probabilities.map(probability => probability >= threshold)
  const found = called.filter((is, i) => is && isSpam[i]).length
  return { precision: found / called.filter(Boolean).length, recall: found / isSpam.filter(Boolean).length }
}
