// Forgets the table of positions.
export const mistake = 'positions'

export function parameters(size: { layers: number; width: number; vocabulary: number; context: number }): number {
  const { layers, width, vocabulary } = size
  return vocabulary * width + layers * (12 * width ** 2 + 2 * width) + width
}
