// The step instead of the gradient.
export const mistake = 'sign'

export function pairGradient(predicts: number[], vectors: number[][]): number[] {
  const steps = vectors.map((vector, k) => {
    const score = predicts.reduce((sum, value, d) => sum + value * (vector[d] ?? 0), 0)
    return (k === 0 ? 1 : 0) - 1 / (1 + Math.exp(-score))
  })
  return predicts.map((_, d) => vectors.reduce((sum, vector, k) => sum + (steps[k] ?? 0) * (vector[d] ?? 0), 0))
}
