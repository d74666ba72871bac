// Max-norm.

export function maxNorm(weights: number[], limit: number): number[] {
  const length = Math.hypot(...weights)
  return length <= limit ? [...weights] : weights.map(w => (w * limit) / length)
}
