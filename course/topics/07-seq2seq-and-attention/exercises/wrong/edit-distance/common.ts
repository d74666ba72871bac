// Counts what the longest common part leaves over.
export const mistake = 'no edit moves a sound'

export function editDistance(from: string[], to: string[]): number {
  const common = (i: number, j: number): number => {
    if (i === 0 || j === 0) return 0
    return from[i - 1] === to[j - 1] ? 1 + common(i - 1, j - 1) : Math.max(common(i - 1, j), common(i, j - 1))
  }
  return Math.max(from.length, to.length) - common(from.length, to.length)
}
