// Gives each element a rate of its own.
export const mistake = 'same rate'

export function sinusoid(position: number, size: number): number[] {
  return Array.from({ length: size }, (_, k) => {
    const angle = position / 10_000 ** (k / size)
    return k % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
  })
}
