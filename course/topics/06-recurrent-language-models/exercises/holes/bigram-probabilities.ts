// The table of the first model: how likely each letter follows each other one. `pairs` holds two numbers of letters
// each, from 0 to `letters` - 1; `smoothing` is added to every count before a row becomes probabilities.

export function bigramProbabilities(pairs: [number, number][], letters: number, smoothing: number): number[][] {
  // Write it here.
  return Array.from({ length: letters }, () => new Array<number>(letters).fill(pairs.length + smoothing))
}
