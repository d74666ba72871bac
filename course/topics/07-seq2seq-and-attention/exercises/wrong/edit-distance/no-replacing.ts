// Leaves out and puts in, but never replaces.
export const mistake = 'Replacing a sound is one edit'

export function editDistance(from: string[], to: string[]): number {
  let above = Array.from({ length: to.length + 1 }, (_, j) => j)
  from.forEach((item, i) => {
    const row = [i + 1]
    to.forEach((other, j) => {
      const same = item === other ? (above[j] ?? 0) : Infinity
      row.push(Math.min(same, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    })
    above = row
  })
  return above[to.length] ?? 0
}
