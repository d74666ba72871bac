// Every pixel that equals the largest gets the whole of it.
export const mistake = 'the first of them alone'

export function maxPoolBackward(picture: number[][], gradient: number[][], size: number, stride: number): number[][] {
  const byPixel = picture.map(row => row.map(() => 0))
  gradient.forEach((row, i) =>
    row.forEach((share, j) => {
      const window = picture
        .slice(i * stride, i * stride + size)
        .flatMap(line => line.slice(j * stride, j * stride + size))
      const largest = Math.max(...window)
      window.forEach((value, k) => {
        const target = byPixel[i * stride + Math.floor(k / size)]
        const at = j * stride + (k % size)
        if (target && value === largest) target[at] = (target[at] ?? 0) + share
      })
    }),
  )
  return byPixel
}
