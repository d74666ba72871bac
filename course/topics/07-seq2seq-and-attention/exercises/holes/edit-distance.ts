// The fewest edits (a sound replaced, left out or put in) that turn one pronunciation into another.

export function editDistance(from: string[], to: string[]): number {
  // Write it here.
  return from.length + to.length
}
