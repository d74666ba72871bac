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

/** Which source pixels make up each target pixel along one side, and with what weights. */
function resampling(from: number, to: number, { start, extent }: Span): { first: number; weights: Float64Array }[] {
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

function resample(image: PixelImage, height: number, width: number, rows: Span, columns: Span): PixelImage {
  const across = resampling(image.width, width, columns)
  const down = resampling(image.height, height, rows)
  const middle = new Float64Array(image.height * width)
  const data = new Uint8Array(image.channels * height * width)
  for (let channel = 0; channel < image.channels; channel++) {
    const plane = image.data.subarray(channel * image.height * image.width, (channel + 1) * image.height * image.width)
    for (let y = 0; y < image.height; y++) {
      for (const [x, { first, weights }] of across.entries()) {
        let sum = 0
        for (let j = 0; j < weights.length; j++)
          sum += (weights[j] as number) * (plane[y * image.width + first + j] as number)
        middle[y * width + x] = sum
      }
    }
    for (const [y, { first, weights }] of down.entries()) {
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let j = 0; j < weights.length; j++)
          sum += (weights[j] as number) * (middle[(first + j) * width + x] as number)
        data[(channel * height + y) * width + x] = Math.round(sum)
      }
    }
  }
  return { channels: image.channels, height, width, data }
}

const whole = (extent: number): Span => ({ start: 0, extent })
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
  if (fit === 'stretch' || wider === 0) return resample(image, height, width, whole(image.height), whole(image.width))
  if (fit === 'crop') {
    return wider > 0
      ? resample(image, height, width, whole(image.height), middleOf(image.width, (image.height * width) / height))
      : resample(image, height, width, middleOf(image.height, (image.width * height) / width), whole(image.width))
  }
  const [innerHeight, innerWidth] = wider > 0
    ? [Math.max(1, Math.round((image.height / image.width) * width)), width]
    : [height, Math.max(1, Math.round((image.width / image.height) * height))]
  return padded(resizeImage(image, innerHeight, innerWidth), height, width)
}
