// Rotary positions.

export function rotate(vector: number[], position: number): number[] {
  const half = vector.length / 2
  return vector.map((value, k) => {
    const i = k % half
    const angle = position / 10_000 ** ((2 * i) / vector.length)
    const other = vector[k < half ? k + half : k - half] ?? 0
    return value * Math.cos(angle) + (k < half ? -other : other) * Math.sin(angle)
  })
}
