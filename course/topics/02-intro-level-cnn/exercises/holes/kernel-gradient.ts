// Backwards through a convolution, to its weights.
// The kernel was used at every place of the picture; `gradient` is the loss's gradient by what came out at each place.
// Each use gives its share, and the shares of a weight add up. Without padding, a step of 1.

export function kernelGradient(picture: number[][], gradient: number[][]): number[][] {
  // Write the gradient by each weight here: as large as the kernel was.
  return gradient.map(row => row.map(value => value * (picture[0]?.[0] ?? 0)))
}
