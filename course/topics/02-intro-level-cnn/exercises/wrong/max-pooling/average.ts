// The mean of each window.
export const mistake = 'averages'

export function maxPool(picture: number[][], size: number, stride: number): number[][] {
  const places = (length: number) => Math.floor((length - size) / stride) + 1
  return Array.from({ length: places(picture.length) }, (_, i) =>
    Array.from({ length: places(picture[0]?.length ?? 0) }, (_, j) =>
      picture
        .slice(i * stride, i * stride + size)
        .flatMap(row => row.slice(j * stride, j * stride + size))
        .reduce((sum, value) => sum + value / (size * size), 0),
    ),
  )
}
