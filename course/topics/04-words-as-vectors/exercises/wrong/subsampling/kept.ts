// The chance to stay.
export const mistake = 'stays'

export function leftOut(count: number, words: number, threshold: number): number {
  return Math.min(1, Math.sqrt(threshold / (count / words)))
}
