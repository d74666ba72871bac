// What goes backwards through max pooling. `gradient` is the loss's gradient by each pooled value.
// Whatever was not the largest of its window had no say, and gets nothing. Windows may overlap (stride < size).
// Of equal largest values the first of the window has it, row by row.

export function maxPoolBackward(
  picture: number[][],
  gradient: number[][],
  size: number,
  stride: number,
): number[][] {
  // Write the gradient by each pixel here: as large as the picture.
  return picture.map((row, i) => row.map((_, j) => gradient[i]?.[j] ?? size - stride))
}
