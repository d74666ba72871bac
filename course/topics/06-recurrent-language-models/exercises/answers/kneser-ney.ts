// After how many different words.

export function continuations(pairs: [before: string, word: string][]): Record<string, number> {
  const different = new Map(pairs.map(pair => [JSON.stringify(pair), pair[1]]))
  const counts: Record<string, number> = {}
  for (const word of different.values()) counts[word] = (counts[word] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).map(([word, count]) => [word, count / different.size]))
}
