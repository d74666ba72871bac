// A recurrent net reads a sequence: h = tanh(W x + U h + b) at each step, from h = 0. W is [units][inputs], U is
// [units][units]. All states are wanted, one a step.

export function recurrence(xs: number[][], w: number[][], u: number[][], b: number[]): number[][] {
  // Write it here.
  return xs.map(() => b.map(() => w.length + u.length))
}
