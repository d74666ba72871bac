// Max pooling: the largest value of each window. Windows are `size` by `size` and move by `stride`.

export function maxPool(picture: number[][], size: number, stride: number): number[][] {
  const places = (length: number) => Math.floor((length - size) / stride) + 1
  return Array.from({ length: places(picture.length) }, (_, i) =>
    Array.from({ length: places(picture[0]?.length ?? 0) }, (_, j) =>
      Math.max(
        ...picture
          .slice(i * stride, i * stride + size)
          .flatMap(row => row.slice(j * stride, j * stride + size)),
      ),
    ),
  )
}
