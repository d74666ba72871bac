// Changes the state while it is still being read.
export const mistake = 'already new'

export function recurrence(xs: number[][], w: number[][], u: number[][], b: number[]): number[][] {
  const h = b.map(() => 0)
  return xs.map(x => {
    for (let k = 0; k < h.length; k++) {
      let sum = b[k] ?? 0
      x.forEach((value, i) => (sum += (w[k]?.[i] ?? 0) * value))
      h.forEach((value, i) => (sum += (u[k]?.[i] ?? 0) * value))
      h[k] = Math.tanh(sum)
    }
    return [...h]
  })
}
