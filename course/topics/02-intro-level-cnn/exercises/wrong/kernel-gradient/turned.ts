// The gradient turned round, as for the gradient by the picture.
export const mistake = 'turned round'

export function kernelGradient(picture: number[][], gradient: number[][]): number[][] {
  const turned = gradient.map(row => [...row].reverse()).reverse()
  const height = picture.length - gradient.length + 1
  const width = (picture[0]?.length ?? 0) - (gradient[0]?.length ?? 0) + 1
  return Array.from({ length: height }, (_, u) =>
    Array.from({ length: width }, (_, v) =>
      turned.reduce(
        (sum, row, i) => sum + row.reduce((part, share, j) => part + share * (picture[i + u]?.[j + v] ?? 0), 0),
        0,
      ),
    ),
  )
}
