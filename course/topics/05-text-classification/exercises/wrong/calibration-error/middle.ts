// The middle of each bin for the probabilities in it.
export const mistake = 'The middle of a bin'

export function calibrationError(probabilities: number[], right: boolean[], bins: number): number {
  const places = probabilities.map(p => Math.min(bins - 1, Math.floor(p * bins)))
  return Array.from({ length: bins }, (_, bin) => {
    const here = right.filter((_, i) => places[i] === bin)
    return Math.abs(((bin + 0.5) / bins) * here.length - here.filter(Boolean).length) / right.length
  }).reduce((sum, part) => sum + part, 0)
}
