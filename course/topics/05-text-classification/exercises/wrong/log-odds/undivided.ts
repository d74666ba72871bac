// Counts instead of shares of counts.
export const mistake = 'length of the class'

export function logOdds(inside: number[], outside: number[], smoothing: number): number[] {
  return inside.map((count, i) => Math.log((count + smoothing) / ((outside[i] ?? 0) + smoothing)))
}
