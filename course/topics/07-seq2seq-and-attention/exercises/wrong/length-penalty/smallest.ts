// Takes the smallest score.
export const mistake = 'closest to zero'

export function preferred(texts: { logProbability: number; length: number }[], alpha: number): number {
  const scores = texts.map(({ logProbability, length }) => logProbability / length ** alpha)
  return scores.indexOf(Math.min(...scores))
}
