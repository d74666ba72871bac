// The search begins at 0, so that nothing below 0 is ever the largest.
export const mistake = 'below 0'

export function maxPool(picture: number[][], size: number, stride: number): number[][] {
  const places = (length: number) => Math.floor((length - size) / stride) + 1
  return Array.from({ length: places(picture.length) }, (_, i) =>
    Array.from({ length: places(picture[0]?.length ?? 0) }, (_, j) => {
      let largest = 0
      for (const row of picture.slice(i * stride, i * stride + size))
        for (const value of row.slice(j * stride, j * stride + size)) largest = Math.max(largest, value)
      return largest
    }),
  )
}
