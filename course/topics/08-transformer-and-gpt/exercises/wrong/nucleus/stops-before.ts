// Leaves out the letter with which the share is reached.
export const mistake = 'with which the share is reached'

export function nucleus(probabilities: number[], share: number): number[] {
  const order = probabilities.map((_, i) => i).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))
  const kept = new Set<number>()
  let sum = 0
  for (const i of order) {
    if (kept.size > 0 && sum + (probabilities[i] ?? 0) > share) break
    kept.add(i)
    sum += probabilities[i] ?? 0
  }
  return probabilities.map((probability, i) => (kept.has(i) ? probability / sum : 0))
}
