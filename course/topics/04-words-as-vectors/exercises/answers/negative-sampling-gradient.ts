// The gradient of the loss of one pair by the vector that predicts: by hand, without the engine.

export function pairGradient(predicts: number[], vectors: number[][]): number[] {
  const steps = vectors.map((vector, k) => {
    const score = predicts.reduce((sum, value, d) => sum + value * (vector[d] ?? 0), 0)
    return 1 / (1 + Math.exp(-score)) - (k === 0 ? 1 : 0)
  })
  return predicts.map((_, d) => vectors.reduce((sum, vector, k) => sum + (steps[k] ?? 0) * (vector[d] ?? 0), 0))
}
