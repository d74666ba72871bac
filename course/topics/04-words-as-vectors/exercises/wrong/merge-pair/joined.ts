// Two pairs that are written alike count as one.
export const mistake = 'both of their halves'

export function mergeOnce(words: string[][]): string[][] {
  const counts = new Map<string, number>()
  for (const tokens of words)
    tokens.slice(1).forEach((right, i) => {
      const pair = (tokens[i] ?? '') + right
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    })
  const most = Math.max(...counts.values())
  const best = [...counts].find(([, count]) => count === most)?.[0]
  return words.map(tokens => {
    const merged: string[] = []
    for (let i = 0; i < tokens.length; i++) {
      const isPair = i + 1 < tokens.length && (tokens[i] ?? '') + (tokens[i + 1] ?? '') === best
      merged.push(isPair ? `${tokens[i] ?? ''}${tokens[++i] ?? ''}` : (tokens[i] ?? ''))
    }
    return merged
  })
}
