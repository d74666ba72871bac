// Counts the last layer as well.
export const mistake = 'counts once'

export function parameters(size: { layers: number; width: number; vocabulary: number; context: number }): number {
  const { layers, width, vocabulary, context } = size
  return (2 * vocabulary + context) * width + layers * (12 * width ** 2 + 2 * width) + width
}
