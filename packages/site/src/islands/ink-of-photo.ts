// Writing found in a photograph: what is darker (or brighter) than the paper around it, whatever shadow lies on that.

/** A picture as a canvas gives it: four bytes a pixel, the last of which is how much it covers. */
export interface Picture {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/** The paper is what a third of the picture around a pixel has on average. */
const AROUND = 1 / 3
/** Grey levels, of 255, that writing must differ by from its paper. */
const LEAST_CONTRAST = 24
/** Parts of the writing are at least this share of its largest. */
const LEAST_PART = 0.1
/** Above this share of the picture it is no writing. */
const MOST_INK = 0.4

/** Sums over rectangles from the upper left: `table[(y + 1) * (width + 1) + x + 1]` holds rows to y, columns to x. */
function summed(values: Float32Array, width: number, height: number): Float64Array {
  const table = new Float64Array((width + 1) * (height + 1))
  for (let y = 0; y < height; y++) {
    let row = 0
    for (let x = 0; x < width; x++) {
      row += values[y * width + x] ?? 0
      table[(y + 1) * (width + 1) + x + 1] = row + (table[y * (width + 1) + x + 1] ?? 0)
    }
  }
  return table
}

/** How much brighter the surroundings are than each pixel. */
function darkness({ data, width, height }: Picture): Float32Array {
  const grey = Float32Array.from({ length: width * height }, (_, i) => {
    const at = (channel: number) => data[4 * i + channel] ?? 0
    // ITU-R BT.601 luma; what covers nothing is white.
    return 255 + ((0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2) - 255) * at(3)) / 255
  })
  const table = summed(grey, width, height)
  const reach = Math.max(1, Math.round((Math.min(width, height) * AROUND) / 2))
  return grey.map((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)]
    const [top, bottom] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)]
    const corner = (column: number, row: number) => table[row * (width + 1) + column] ?? 0
    const sum = corner(right, bottom) - corner(left, bottom) - corner(right, top) + corner(left, top)
    return sum / ((right - left) * (bottom - top)) - value
  })
}

/**
 * The value that parts numbers from 0 to 255 into two groups that differ the most.
 * Source: Otsu, "A threshold selection method from gray-level histograms", 1979.
 */
function otsuThreshold(values: Float32Array): number {
  const counts = new Float64Array(256)
  for (const value of values) {
    const level = Math.max(0, Math.min(255, Math.round(value)))
    counts[level] = (counts[level] ?? 0) + 1
  }
  const all = counts.reduce((sum, count, level) => sum + count * level, 0)
  let [below, sumBelow, best, threshold] = [0, 0, -1, 0]
  counts.forEach((count, level) => {
    below += count
    sumBelow += count * level
    const above = values.length - below
    if (below === 0 || above === 0) return
    const between = below * above * (sumBelow / below - (all - sumBelow) / above) ** 2
    if (between > best) [best, threshold] = [between, level]
  })
  return threshold
}

/** The pixels that hang together with one, and whether they reach the edge of the picture. */
interface Part {
  readonly pixels: readonly number[]
  readonly isCut: boolean
}

function partsOf(isInk: Uint8Array, width: number, height: number): Part[] {
  const seen = new Uint8Array(isInk.length)
  const parts: Part[] = []
  isInk.forEach((ink, start) => {
    if (!ink || seen[start]) return
    const pixels = [start]
    seen[start] = 1
    let isCut = false
    for (let k = 0; k < pixels.length; k++) {
      const at = pixels[k] ?? 0
      const [x, y] = [at % width, Math.floor(at / width)]
      isCut ||= x === 0 || y === 0 || x === width - 1 || y === height - 1
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const next = at + dy * width + dx
          if (x + dx < 0 || x + dx >= width || !isInk[next] || seen[next]) continue
          seen[next] = 1
          pixels.push(next)
        }
      }
    }
    parts.push({ pixels, isCut })
  })
  return parts
}

/**
 * The writing of a photograph: the same picture, covering where there is ink and nowhere else. Dark on bright or bright
 * on dark; what touches the edge (a table, a thumb) and specks are left out, unless there is nothing else.
 * @param picture of at most some hundred pixels a side; the time is proportional to its pixels
 * @returns undefined where nothing stands out from the paper, or nearly all does
 */
export function inkOfPhoto(picture: Picture): Picture | undefined {
  const { width, height } = picture
  const dark = darkness(picture)
  // Writing is rare and far from its paper, so that the cube of the distances leans to its side.
  const isBrightOnDark = dark.reduce((sum, value) => sum + value ** 3, 0) < 0
  const distance = isBrightOnDark ? dark.map(value => -value) : dark
  const threshold = Math.max(otsuThreshold(distance), LEAST_CONTRAST)
  const isInk = Uint8Array.from(distance, value => Number(value > threshold))
  const all = partsOf(isInk, width, height)
  const whole = all.filter(({ isCut }) => !isCut)
  const parts = whole.length > 0 ? whole : all
  const largest = Math.max(0, ...parts.map(({ pixels }) => pixels.length))
  const ink = parts.filter(({ pixels }) => pixels.length >= LEAST_PART * largest).flatMap(({ pixels }) => pixels)
  if (ink.length === 0 || ink.length > MOST_INK * isInk.length) return undefined
  const data = new Uint8ClampedArray(4 * width * height)
  const full = 2 * threshold
  for (const at of ink) data[4 * at + 3] = (255 * (distance[at] ?? 0)) / full
  return { data, width, height }
}
