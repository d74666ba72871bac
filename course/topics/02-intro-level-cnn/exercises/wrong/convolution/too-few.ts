// The last place of each row and column is forgotten.
export const mistake = 'one row and one column too few'

export function convolve(picture: number[][], kernel: number[][]): number[][] {
  const rows = picture.length - kernel.length
  const columns = (picture[0]?.length ?? 0) - (kernel[0]?.length ?? 0)
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) =>
      kernel.reduce(
        (sum, weights, u) => sum + weights.reduce((part, w, v) => part + w * (picture[i + u]?.[j + v] ?? 0), 0),
        0,
      ),
    ),
  )
}
