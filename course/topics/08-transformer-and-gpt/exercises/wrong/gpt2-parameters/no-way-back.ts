// Forgets the projection that joins the heads.
export const mistake = 'and back'

export function parameters(size: { layers: number; width: number; vocabulary: number; context: number }): number {
  const { layers, width, vocabulary, context } = size
  return (vocabulary + context) * width + layers * (11 * width ** 2 + 2 * width) + width
}
