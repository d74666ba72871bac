// Every bin counts alike.
export const mistake = 'as many answers as it holds'

export function calibrationError(probabilities: number[], right: boolean[], bins: number): number {
  let error = 0
  for (let bin = 0; bin < bins; bin++) {
    const within = probabilities.flatMap((p, i) => (Math.min(bins - 1, Math.floor(p * bins)) === bin ? [i] : []))
    const sure = within.reduce((sum, i) => sum + (probabilities[i] ?? 0), 0)
    const hits = within.filter(i => right[i]).length
    error += Math.abs(sure - hits) / Math.max(1, within.length) / bins
  }
  return error
}
