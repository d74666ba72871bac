// Takes the penalty of another paper, which adds 5 to each length.
export const mistake = 'without a number added'

export function preferred(texts: { logProbability: number; length: number }[], alpha: number): number {
  const scores = texts.map(({ logProbability, length }) => logProbability / ((5 + length) / 6) ** alpha)
  return scores.indexOf(Math.max(...scores))
}
