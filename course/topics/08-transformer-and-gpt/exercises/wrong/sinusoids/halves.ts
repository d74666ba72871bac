// Puts all sines first.
export const mistake = 'by turns'

export function sinusoid(position: number, size: number): number[] {
  const angles = Array.from({ length: size / 2 }, (_, i) => position / 10_000 ** ((2 * i) / size))
  return [...angles.map(Math.sin), ...angles.map(Math.cos)]
}
