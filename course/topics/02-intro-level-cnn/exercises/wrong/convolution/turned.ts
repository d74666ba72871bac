// The kernel turned round, as mathematics defines a convolution.
export const mistake = 'turned round'

export function convolve(picture: number[][], kernel: number[][]): number[][] {
  const turned = kernel.map(row => [...row].reverse()).reverse()
  const rows = picture.length - kernel.length + 1
  const columns = (picture[0]?.length ?? 0) - (kernel[0]?.length ?? 0) + 1
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) =>
      turned.reduce(
        (sum, weights, u) => sum + weights.reduce((part, w, v) => part + w * (picture[i + u]?.[j + v] ?? 0), 0),
        0,
      ),
    ),
  )
}
