// Backwards through a convolution, to its weights: again a convolution, of the picture with the gradient.

export function kernelGradient(picture: number[][], gradient: number[][]): number[][] {
  const height = picture.length - gradient.length + 1
  const width = (picture[0]?.length ?? 0) - (gradient[0]?.length ?? 0) + 1
  return Array.from({ length: height }, (_, u) =>
    Array.from({ length: width }, (_, v) =>
      gradient.reduce(
        (sum, row, i) => sum + row.reduce((part, share, j) => part + share * (picture[i + u]?.[j + v] ?? 0), 0),
        0,
      ),
    ),
  )
}
