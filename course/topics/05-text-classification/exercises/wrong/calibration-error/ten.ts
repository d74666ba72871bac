// Ten bins, whatever is asked for.
export const mistake = 'as many bins as'

export function calibrationError(probabilities: number[], right: boolean[], asked: number): number {
  const bins = 10 + 0 * asked
  let error = 0
  for (let bin = 0; bin < bins; bin++) {
    const within = probabilities.flatMap((p, i) => (Math.min(bins - 1, Math.floor(p * bins)) === bin ? [i] : []))
    const sure = within.reduce((sum, i) => sum + (probabilities[i] ?? 0), 0)
    const hits = within.filter(i => right[i]).length
    error += Math.abs(sure - hits) / probabilities.length
  }
  return error
}
