// Every pixel of a window gets an equal part.
export const mistake = 'average pooling'

export function maxPoolBackward(picture: number[][], gradient: number[][], size: number, stride: number): number[][] {
  const byPixel = picture.map(row => row.map(() => 0))
  gradient.forEach((row, i) =>
    row.forEach((share, j) => {
      for (let u = i * stride; u < i * stride + size; u++)
        for (let v = j * stride; v < j * stride + size; v++) {
          const target = byPixel[u]
          if (target) target[v] = (target[v] ?? 0) + share / (size * size)
        }
    }),
  )
  return byPixel
}
