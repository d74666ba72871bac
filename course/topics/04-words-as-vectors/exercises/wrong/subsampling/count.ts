// The count instead of the share.
export const mistake = 'share'

export function leftOut(count: number, _words: number, threshold: number): number {
  return Math.max(0, 1 - Math.sqrt(threshold / count))
}
