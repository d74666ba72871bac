// Leaves what is kept as it was.
export const mistake = 'add up to 1 again'

export function nucleus(probabilities: number[], share: number): number[] {
  const order = probabilities.map((_, i) => i).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))
  const kept = new Set<number>()
  let sum = 0
  for (const i of order) {
    if (sum >= share) break
    kept.add(i)
    sum += probabilities[i] ?? 0
  }
  return probabilities.map((probability, i) => (kept.has(i) ? probability : 0))
}
