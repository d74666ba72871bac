// Takes the softmax over all positions and hides some afterwards.
export const mistake = 'before the softmax'

const softmax = (scores: number[]): number[] => {
  const most = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}

export function causalWeights(scores: number[][]): number[][] {
  return scores.map((row, i) => softmax(row).map((weight, j) => (j > i ? 0 : weight)))
}
