// A drawing made to look like MNIST's digits: cut to its ink, scaled into 20 x 20, centred by its mass in 28 x 28.
const SIDE = 28
const BOX = 20

/**
 * The drawing as a grey image of 28 x 28, ink 255; undefined where nothing is drawn.
 * Source: LeCun et al. 1998, section III A: size-normalised to 20 x 20 with aspect ratio kept, centre of mass at the
 * centre.
 */
export function likeMnist({
  data,
  width,
  height,
}: {
  readonly data: ArrayLike<number>
  readonly width: number
  readonly height: number
}): Uint8Array | undefined {
  const ink = (x: number, y: number) => data[(y * width + x) * 4 + 3] ?? 0
  let [left, right, top, bottom] = [width, -1, height, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink(x, y) === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  if (right < 0) return undefined
  const scale = Math.max(right - left + 1, bottom - top + 1) / BOX
  const columns = Math.max(1, Math.round((right - left + 1) / scale))
  const rows = Math.max(1, Math.round((bottom - top + 1) / scale))
  // Mean of the ink under each small pixel.
  const small = new Float32Array(columns * rows)
  let [mass, mx, my] = [0, 0, 0]
  for (let v = 0; v < rows; v++) {
    for (let u = 0; u < columns; u++) {
      const [x0, x1] = [
        Math.floor(left + u * scale),
        Math.max(Math.floor(left + u * scale) + 1, Math.floor(left + (u + 1) * scale)),
      ]
      const [y0, y1] = [
        Math.floor(top + v * scale),
        Math.max(Math.floor(top + v * scale) + 1, Math.floor(top + (v + 1) * scale)),
      ]
      let sum = 0
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += x < width && y < height ? ink(x, y) : 0
      const value = sum / ((x1 - x0) * (y1 - y0))
      small[v * columns + u] = value
      mass += value
      mx += value * u
      my += value * v
    }
  }
  const shift = (centre: number, size: number) =>
    Math.max(0, Math.min(SIDE - size, Math.round((SIDE - 1) / 2 - centre)))
  const dx = shift(mx / mass, columns)
  const dy = shift(my / mass, rows)
  const image = new Uint8Array(SIDE * SIDE)
  for (let v = 0; v < rows; v++)
    for (let u = 0; u < columns; u++) image[(v + dy) * SIDE + u + dx] = Math.round(small[v * columns + u] ?? 0)
  return image
}
