// Clips an exploding gradient.

export function clipNorm(gradients: number[][], limit: number): number[][] {
  const norm = Math.sqrt(gradients.flat().reduce((sum, value) => sum + value * value, 0))
  return gradients.map(gradient => gradient.map(value => value * Math.min(1, limit / norm)))
}
