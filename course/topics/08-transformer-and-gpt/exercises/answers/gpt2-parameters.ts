// Twelve squares of the width a layer, and the tables.

export function parameters(size: { layers: number; width: number; vocabulary: number; context: number }): number {
  const { layers, width, vocabulary, context } = size
  return (vocabulary + context) * width + layers * (12 * width ** 2 + 2 * width) + width
}
