// Times the vector that predicts.
export const mistake = 'other side'

export function pairGradient(predicts: number[], vectors: number[][]): number[] {
  const steps = vectors.map((vector, k) => {
    const score = predicts.reduce((sum, value, d) => sum + value * (vector[d] ?? 0), 0)
    return 1 / (1 + Math.exp(-score)) - (k === 0 ? 1 : 0)
  })
  return predicts.map(value => steps.reduce((sum, step) => sum + step * value, 0))
}
