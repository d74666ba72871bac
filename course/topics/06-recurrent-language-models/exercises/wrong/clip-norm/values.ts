// Cuts every value by itself.
export const mistake = 'direction'

export function clipNorm(gradients: number[][], limit: number): number[][] {
  return gradients.map(gradient => gradient.map(value => Math.max(-limit, Math.min(limit, value))))
}
