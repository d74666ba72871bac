// As large as the picture: what lies outside counts as 0.
export const mistake = 'where the whole kernel fits'

export function convolve(picture: number[][], kernel: number[][]): number[][] {
  return picture.map((row, i) =>
    row.map((_, j) =>
      kernel.reduce(
        (sum, weights, u) => sum + weights.reduce((part, w, v) => part + w * (picture[i + u]?.[j + v] ?? 0), 0),
        0,
      ),
    ),
  )
}
