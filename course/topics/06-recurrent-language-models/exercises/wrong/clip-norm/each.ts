// Clips each gradient by its own norm.
export const mistake = 'all gradients together'

export function clipNorm(gradients: number[][], limit: number): number[][] {
  return gradients.map(gradient => {
    const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0))
    return gradient.map(value => value * Math.min(1, limit / norm))
  })
}
