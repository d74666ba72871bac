// Drawn words are praised, too.
export const mistake = 'Drawn words'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export function pairLoss(truth: number, drawn: number[]): number {
  return drawn.reduce((sum, score) => sum - Math.log(sigmoid(score)), -Math.log(sigmoid(truth)))
}
