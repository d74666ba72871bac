// Divides by the length, whatever alpha is.
export const mistake = 'alpha of 0'

export function preferred(texts: { logProbability: number; length: number }[]): number {
  const scores = texts.map(({ logProbability, length }) => logProbability / length)
  return scores.indexOf(Math.max(...scores))
}
