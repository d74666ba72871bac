// Multiplies by the length.
export const mistake = 'divided'

export function preferred(texts: { logProbability: number; length: number }[], alpha: number): number {
  const scores = texts.map(({ logProbability, length }) => logProbability * length ** alpha)
  return scores.indexOf(Math.max(...scores))
}
