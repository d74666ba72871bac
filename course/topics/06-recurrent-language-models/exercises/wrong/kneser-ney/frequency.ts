// Counts every pair.
export const mistake = 'how often'

export function continuations(pairs: [before: string, word: string][]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [, word] of pairs) counts[word] = (counts[word] ?? 0) + 1 / pairs.length
  return counts
}
