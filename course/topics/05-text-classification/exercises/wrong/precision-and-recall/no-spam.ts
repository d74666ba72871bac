// No spam is taken for no success.
export const mistake = 'no spam'

export function precisionAndRecall(
  probabilities: number[], isSpam: boolean[], threshold: number,
): { precision: number; recall: number } {
  const called = probabilities.map(probability => probability >= threshold)
  const found = called.filter((is, i) => is && isSpam[i]).length
  const [calls, spam] = [called.filter(Boolean).length, isSpam.filter(Boolean).length]
  return { precision: calls === 0 ? 1 : found / calls, recall: spam === 0 ? 0 : found / spam }
}
