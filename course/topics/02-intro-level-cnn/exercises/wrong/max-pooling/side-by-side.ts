// Windows side by side, whatever the stride.
export const mistake = 'by the stride'

export function maxPool(picture: number[][], size: number): number[][] {
  const places = (length: number) => Math.floor(length / size)
  return Array.from({ length: places(picture.length) }, (_, i) =>
    Array.from({ length: places(picture[0]?.length ?? 0) }, (_, j) =>
      Math.max(...picture.slice(i * size, (i + 1) * size).flatMap(row => row.slice(j * size, (j + 1) * size))),
    ),
  )
}
