// Which words stand near which: counts within a window to either side.

export function coOccurrence(text: number[], size: number, window: number): number[][] {
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  text.forEach((word, at) => {
    for (let near = Math.max(0, at - window); near <= Math.min(text.length - 1, at + window); near++) {
      const row = counts[word]
      const other = text[near]
      if (near !== at && row && other !== undefined) row[other] = (row[other] ?? 0) + 1
    }
  })
  return counts
}
