// How much of a gradient is left. One recurrent unit: h[t] = tanh(w h[t-1] + x[t]) from h = 0; the result is the
// derivative of the last state by the state after the first step, h[0]: what the last step can teach the first.

export function gradientThroughTime(w: number, xs: number[]): number {
  // Write it here.
  return w * xs.length
}
