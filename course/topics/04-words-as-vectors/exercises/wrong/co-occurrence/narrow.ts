// The window ends one place early.
export const mistake = 'one place early'

export function coOccurrence(text: number[], size: number, window: number): number[][] {
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  text.forEach((word, at) => {
    for (let near = Math.max(0, at - window + 1); near <= Math.min(text.length - 1, at + window - 1); near++) {
      const row = counts[word]
      const other = text[near]
      if (near !== at && row && other !== undefined) row[other] = (row[other] ?? 0) + 1
    }
  })
  return counts
}
