// Shows the cell without its tanh.
export const mistake = 'tanh of the cell'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export function lstmStep(
  { i, f, g, o }: { i: number; f: number; g: number; o: number },
  cell: number,
): { h: number; c: number } {
  const c = sigmoid(f) * cell + sigmoid(i) * Math.tanh(g)
  return { h: sigmoid(o) * c, c }
}
