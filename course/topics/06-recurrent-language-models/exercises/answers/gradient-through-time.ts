// How much of a gradient is left.

export function gradientThroughTime(w: number, xs: number[]): number {
  let h = 0
  let gradient = 1
  xs.forEach((x, t) => {
    h = Math.tanh(w * h + x)
    // tanh' = 1 - tanh^2, of each step after the first.
    if (t > 0) gradient *= w * (1 - h * h)
  })
  return gradient
}
