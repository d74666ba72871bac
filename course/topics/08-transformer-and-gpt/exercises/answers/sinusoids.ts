// Sines and cosines by turns, ever slower.

export function sinusoid(position: number, size: number): number[] {
  return Array.from({ length: size }, (_, k) => {
    const angle = position / 10_000 ** ((k - (k % 2)) / size)
    return k % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
  })
}
