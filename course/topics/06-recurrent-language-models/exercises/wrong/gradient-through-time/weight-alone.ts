// Leaves the slope of tanh out.
export const mistake = 'slope of tanh'

export function gradientThroughTime(w: number, xs: number[]): number {
  return w ** (xs.length - 1)
}
