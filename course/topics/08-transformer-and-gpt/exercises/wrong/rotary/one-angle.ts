// Turns all pairs by one angle.
export const mistake = 'an angle of its own'

export function rotate(vector: number[], position: number): number[] {
  const half = vector.length / 2
  return vector.map((value, k) => {
    const other = vector[k < half ? k + half : k - half] ?? 0
    return value * Math.cos(position) + (k < half ? -other : other) * Math.sin(position)
  })
}
