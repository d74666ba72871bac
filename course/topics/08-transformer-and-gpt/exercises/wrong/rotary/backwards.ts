// Turns the other way.
export const mistake = 'the other way'

export function rotate(vector: number[], position: number): number[] {
  const half = vector.length / 2
  return vector.map((value, k) => {
    const angle = position / 10_000 ** ((2 * (k % half)) / vector.length)
    const other = vector[k < half ? k + half : k - half] ?? 0
    return value * Math.cos(angle) + (k < half ? other : -other) * Math.sin(angle)
  })
}
