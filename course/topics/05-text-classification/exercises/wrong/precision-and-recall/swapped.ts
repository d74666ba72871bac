// The two are swapped.
export const mistake = 'the other way round'

export function precisionAndRecall(
  probabilities: number[], isSpam: boolean[], threshold: number,
): { precision: number; recall: number } {
  const called = probabilities.map(probability => probability >= threshold)
  const found = called.filter((is, i) => is && isSpam[i]).length
  const [calls, spam] = [called.filter(Boolean).length, isSpam.filter(Boolean).length]
  return { precision: spam === 0 ? 1 : found / spam, recall: calls === 0 ? 1 : found / calls }
}
