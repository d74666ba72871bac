// Takes the first step into the product.
export const mistake = 'one factor too many'

export function gradientThroughTime(w: number, xs: number[]): number {
  let h = 0
  let gradient = 1
  for (const x of xs) {
    h = Math.tanh(w * h + x)
    gradient *= w * (1 - h * h)
  }
  return gradient
}
