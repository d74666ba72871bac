// How many places a window has along a row of `size` pixels.
// It is `kernel` pixels wide, moves by `stride`, and `padding` zeros stand at either end of the row.

export function outputSize(size: number, kernel: number, stride: number, padding: number): number {
  // Write the number of places here.
  return size - kernel + stride + padding
}
