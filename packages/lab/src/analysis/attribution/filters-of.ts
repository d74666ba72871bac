// The first layer of an experiment's model as pictures, where it looks at pixels.
import { namedParameters, type ColumnSpec, type Module } from '@ddlf/nn'
import { encode } from 'fast-png'
import { firstLayerFilters, type FilterGrid } from './first-layer-filters.ts'
import { pixelImage } from '../../plots/image-data-uri.ts'

/** Filters that are shown at most. */
const FILTERS = 64

/**
 * The weights of the first layer, 64 filters at most; `undefined` where it does not look at pixels.
 * @param input shape of one example and dtype of what the model reads
 */
export function filtersOf(model: Module, input: ColumnSpec): FilterGrid | undefined {
  const { shape, dtype } = input
  const [channels, height, width] = shape
  const [first] = namedParameters(model).values()
  if (
    dtype !== 'uint8' ||
    shape.length !== 3 ||
    !first?.leaf?.data ||
    channels === undefined ||
    height === undefined ||
    width === undefined
  )
    return undefined
  const [filters = 0, inputs = 0] = first.shape
  const shown = Math.min(filters, FILTERS)
  const values = (first.leaf.data as Float32Array).subarray(0, (first.size / filters) * shown)
  if (first.rank === 4 && inputs === channels)
    return firstLayerFilters({ values, shape: [shown, ...first.shape.slice(1)] })
  if (first.rank === 2 && inputs === channels * height * width)
    return firstLayerFilters({ values, shape: [shown, inputs] }, [channels, height, width])
  return undefined
}

/**
 * Filters side by side as one PNG, a pixel apart, each from its smallest weight (black) to its largest; `undefined`
 * unless they have 1 or 3 channels.
 */
export function filtersPng({ weights, shape: [filters, channels, height, width] }: FilterGrid): Uint8Array | undefined {
  if (channels !== 1 && channels !== 3) return undefined
  const columns = Math.ceil(Math.sqrt(filters))
  const rows = Math.ceil(filters / columns)
  const [wide, high] = [columns * (width + 1) - 1, rows * (height + 1) - 1]
  const data = new Uint8Array(wide * high * channels)
  const size = channels * height * width
  for (let filter = 0; filter < filters; filter++) {
    const { pixels } = pixelImage(weights.subarray(filter * size, (filter + 1) * size), [channels, height, width])
    const top = Math.floor(filter / columns) * (height + 1)
    const left = (filter % columns) * (width + 1)
    for (let row = 0; row < height; row++) {
      data.set(
        pixels.subarray(row * width * channels, (row + 1) * width * channels),
        ((top + row) * wide + left) * channels,
      )
    }
  }
  return encode({ width: wide, height: high, channels, data, depth: 8 })
}
