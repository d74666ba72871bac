// Row by row: the fewest edits from each beginning of `from` to each beginning of `to`.

export function editDistance(from: string[], to: string[]): number {
  let above = Array.from({ length: to.length + 1 }, (_, j) => j)
  from.forEach((item, i) => {
    const row = [i + 1]
    to.forEach((other, j) => {
      const replaced = (above[j] ?? 0) + (item === other ? 0 : 1)
      row.push(Math.min(replaced, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    })
    above = row
  })
  return above[to.length] ?? 0
}
