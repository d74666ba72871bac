// The shares in the order of their size.
export const mistake = 'each belongs to its own letter'

export function nucleus(probabilities: number[], share: number): number[] {
  let sum = 0
  const kept = [...probabilities].sort((a, b) => b - a).map(probability => {
    if (sum >= share) return 0
    sum += probability
    return probability
  })
  return kept.map(probability => probability / sum)
}
