// Pairs of neighbours, as the paper's figure shows them.
export const mistake = 'Neighbours are turned'

export function rotate(vector: number[], position: number): number[] {
  return vector.map((value, at) => {
    const angle = position / 10000 ** ((at - (at % 2)) / vector.length)
    const other = vector[at % 2 === 0 ? at + 1 : at - 1] ?? 0
    return at % 2 === 0
      ? value * Math.cos(angle) - other * Math.sin(angle)
      : value * Math.cos(angle) + other * Math.sin(angle)
  })
}
