// Above, not from.
export const mistake = 'exactly the threshold'

export function precisionAndRecall(
  probabilities: number[], isSpam: boolean[], threshold: number,
): { precision: number; recall: number } {
  const called = probabilities.map(probability => probability > threshold)
  const found = called.filter((is, i) => is && isSpam[i]).length
  const [calls, spam] = [called.filter(Boolean).length, isSpam.filter(Boolean).length]
  return { precision: calls === 0 ? 1 : found / calls, recall: spam === 0 ? 1 : found / spam }
}
