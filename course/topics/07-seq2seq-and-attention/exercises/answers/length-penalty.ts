// Logarithms are below zero: dividing by a length brings them closer to it.

export function preferred(texts: { logProbability: number; length: number }[], alpha: number): number {
  const scores = texts.map(({ logProbability, length }) => logProbability / length ** alpha)
  return scores.indexOf(Math.max(...scores))
}
