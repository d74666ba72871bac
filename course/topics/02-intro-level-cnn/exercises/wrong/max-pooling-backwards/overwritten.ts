// A pixel that is the largest of two windows keeps one share only.
export const mistake = 'add up'

export function maxPoolBackward(picture: number[][], gradient: number[][], size: number, stride: number): number[][] {
  const byPixel = picture.map(row => row.map(() => 0))
  gradient.forEach((row, i) =>
    row.forEach((share, j) => {
      let [y, x, largest] = [0, 0, -Infinity]
      for (let u = i * stride; u < i * stride + size; u++)
        for (let v = j * stride; v < j * stride + size; v++) {
          const value = picture[u]?.[v] ?? -Infinity
          if (value > largest) [y, x, largest] = [u, v, value]
        }
      const target = byPixel[y]
      if (target) target[x] = share
    }),
  )
  return byPixel
}
