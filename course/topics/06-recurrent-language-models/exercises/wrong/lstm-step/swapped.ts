// Takes the gate that lets in for the one that keeps.
export const mistake = 'swapped'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export function lstmStep(
  { i, f, g, o }: { i: number; f: number; g: number; o: number },
  cell: number,
): { h: number; c: number } {
  const c = sigmoid(i) * cell + sigmoid(f) * Math.tanh(g)
  return { h: sigmoid(o) * Math.tanh(c), c }
}
