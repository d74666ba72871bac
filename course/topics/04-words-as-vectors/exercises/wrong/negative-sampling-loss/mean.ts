// The mean over the drawn words.
export const mistake = 'sum over'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export function pairLoss(truth: number, drawn: number[]): number {
  return -Math.log(sigmoid(truth)) + drawn.reduce((sum, score) => sum - Math.log(sigmoid(-score)), 0) / drawn.length
}
