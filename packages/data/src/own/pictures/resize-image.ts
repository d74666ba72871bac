// Pixels to another size: antialiased bilinear, of the whole picture or of the part that has the proportions asked for.

/** Pixels as bytes, channels x height x width. */
export interface PixelImage {
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
  readonly data: Uint8Array
}

/** How a picture of other proportions is brought to a size. */
export const fits = ['crop', 'pad', 'stretch'] as const
/** `crop` keeps its middle, `pad` adds black bars, `stretch` distorts it. */
export type Fit = (typeof fits)[number]

/** A part of one side of a picture, in pixels that may be broken. */
interface Span {
  readonly start: number
  readonly extent: number
}

/** The source pixels that make up one target pixel along one side. */
interface Taps {
  readonly first: number
  readonly weights: Float64Array
}

/** Which source pixels make up each target pixel along one side, and with what weights. */
function resampling(from: number, to: number, { start, extent }: Span): readonly Taps[] {
  const scale = extent / to
  // A triangle as wide as two target pixels when shrinking (so that no source pixel is passed over), else two source
  // pixels.
  const reach = Math.max(1, scale)
  return Array.from({ length: to }, (_, k) => {
    const centre = start + (k + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const end = Math.min(from, Math.trunc(centre + reach + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_unused, j) =>
      Math.max(0, 1 - Math.abs((first + j + 0.5 - centre) / reach)),
    )
    const sum = weights.reduce((a, b) => a + b, 0)
    return { first, weights: weights.map(weight => weight / sum) }
  })
}

/** Reads only the rows and columns that the result is made of, and holds one row besides it. */
function resample(image: PixelImage, height: number, width: number, rows: Span, columns: Span): PixelImage {
  const across = resampling(image.width, width, columns)
  const [{ first: left }, last] = [across[0] as Taps, across.at(-1) as Taps]
  const down = resampling(image.height, height, rows)
  const data = new Uint8Array(image.channels * height * width)
  const row = new Float64Array(last.first + last.weights.length - left)
  for (let channel = 0; channel < image.channels; channel++) {
    for (let y = 0; y < height; y++) {
      addRows(image, channel, down[y] as Taps, left, row)
      for (let x = 0; x < width; x++) {
        const { first, weights } = across[x] as Taps
        let sum = 0
        for (let j = 0; j < weights.length; j++) sum += (weights[j] as number) * (row[first - left + j] as number)
        data[(channel * height + y) * width + x] = Math.round(sum)
      }
    }
  }
  return { channels: image.channels, height, width, data }
}

/** The weighted sum of rows of one channel, from the column `left` on, into `sums`. */
function addRows(image: PixelImage, channel: number, { first, weights }: Taps, left: number, sums: Float64Array): void {
  sums.fill(0)
  for (let j = 0; j < weights.length; j++) {
    const from = (channel * image.height + first + j) * image.width + left
    const weight = weights[j] as number
    for (let x = 0; x < sums.length; x++)
      sums[x] = (sums[x] as number) + weight * (image.data[from + x] as number)
  }
}

const middleOf = (side: number, extent: number): Span => ({ start: (side - extent) / 2, extent })

/** Half of a margin; half pixels go to even ones, as in Pillow. */
const half = (margin: number) => (margin % 4 === 1 ? (margin - 1) / 2 : Math.round(margin / 2))

/** The picture in the middle of a black one. */
function padded(image: PixelImage, height: number, width: number): PixelImage {
  const data = new Uint8Array(image.channels * height * width)
  const [top, left] = [half(height - image.height), half(width - image.width)]
  for (let channel = 0; channel < image.channels; channel++) {
    for (let y = 0; y < image.height; y++) {
      const from = (channel * image.height + y) * image.width
      data.set(image.data.subarray(from, from + image.width), (channel * height + top + y) * width + left)
    }
  }
  return { channels: image.channels, height, width, data }
}

/**
 * Resizes an image bilinearly; when it shrinks, each new pixel is a weighted mean of all that it covers (the
 * antialiased bilinear filter of Pillow and of PyTorch's `interpolate(..., antialias=True)`).
 * @param fit what happens where the proportions differ; `crop` and `pad` as Pillow's `ImageOps.fit` and `ImageOps.pad`
 */
export function resizeImage(image: PixelImage, height: number, width: number, fit: Fit = 'stretch'): PixelImage {
  if (image.height === height && image.width === width) return image
  const wider = image.width * height - image.height * width
  if (fit === 'pad' && wider !== 0) {
    const [innerHeight, innerWidth] = wider > 0
      ? [Math.max(1, Math.round((image.height / image.width) * width)), width]
      : [height, Math.max(1, Math.round((image.width / image.height) * height))]
    return padded(resizeImage(image, innerHeight, innerWidth), height, width)
  }
  const rows = fit === 'crop' ? Math.min(image.height, (image.width * height) / width) : image.height
  const columns = fit === 'crop' ? Math.min(image.width, (image.height * width) / height) : image.width
  return resample(image, height, width, middleOf(image.height, rows), middleOf(image.width, columns))
}
