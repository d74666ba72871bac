// Turns four elements rightly and no other number of them.
export const mistake = 'The size is given'

export function rotate(vector: number[], position: number): number[] {
  const turned = [...vector]
  for (const i of [0, 1]) {
    const [x, y, angle] = [vector[i] ?? 0, vector[i + 2] ?? 0, position / 100 ** i]
    turned[i] = x * Math.cos(angle) - y * Math.sin(angle)
    turned[i + 2] = y * Math.cos(angle) + x * Math.sin(angle)
  }
  return turned
}
