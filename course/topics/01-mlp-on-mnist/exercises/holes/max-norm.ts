// Max-norm: after a step, the incoming weights of a unit are pulled back to length `limit` where they are longer.

export function maxNorm(weights: number[], limit: number): number[] {
  // Write it here.
  return weights.map(w => Math.min(w, limit))
}
