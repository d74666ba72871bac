// The weights of a first layer as pictures.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { FilterGrid } from '../analysis/attribution/first-layer-filters.ts'
import { FIGURE_OPTIONS } from './draw-figure.ts'
import { imageGridFigure, type ImageGridOptions } from './image-grid-figure.ts'
import { pixelImage } from './image-data-uri.ts'

/**
 * Each filter as one picture. Grey means 0; every filter is scaled by its own largest magnitude, so pictures show
 * pattern, not size. Filters of 3 channels are shown in colour; of any other number, each channel as a grey picture.
 * @throws UserError when the shape does not fit the weights
 */
export function filterGridFigure(grid: FilterGrid, options: ImageGridOptions = {}): string {
  checkOptions('filterGridFigure', options, ['columns', 'size', ...FIGURE_OPTIONS])
  const { weights, shape } = grid
  const [filters, channels, height, width] = shape
  if (weights.length !== filters * channels * height * width) {
    throw new UserError({
      rule: 'Filters must have the shape [filters, channels, height, width].',
      received: `${weights.length} weights for [${shape.join(', ')}]`,
      next: 'Take them with firstLayerFilters(weight, imageShape).',
    })
  }
  const shownChannels = channels === 3 ? 3 : 1
  const stride = shownChannels * height * width
    const tiles = Array.from({ length: weights.length / stride }, (_, i) => {
    const filter = weights.subarray(i * stride, (i + 1) * stride)
    const peak = filter.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1
    return { image: pixelImage(filter, [shownChannels, height, width], [-peak, peak]) }
  })
  const title = options.title ?? 'First-layer filters'
  return imageGridFigure(tiles, {
    size: Math.max(24, Math.min(56, 8 * Math.max(height, width))),
    ...options,
    title,
    description: options.description ?? `${filters} filters of ${channels} x ${height} x ${width}. Grey is zero; ` +
      `each filter is scaled by its own largest weight.`,
  })
}
