// Too sure and too unsure cancel.
export const mistake = 'cancel'

export function calibrationError(probabilities: number[], right: boolean[], bins: number): number {
  const sure = probabilities.reduce((sum, p) => sum + p, 0)
  return Math.abs(sure - right.filter(Boolean).length) / probabilities.length + 0 * bins
}
