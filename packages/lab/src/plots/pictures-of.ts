// Examples of a data set as pictures.
import { columnOf, sizeOf, type Dataset } from '@ddlf/data'
import { pixelImage, type PixelImage } from './image-data-uri.ts'

/** Pictures of some examples; undefined where the inputs are no pictures. */
export function picturesOf(dataset: Dataset, column: string, indices: readonly number[]): PixelImage[] | undefined {
  const { data, shape, dtype } = columnOf(dataset, column)
  const [channels, height, width] = shape
  if (
    dtype !== 'uint8' ||
    shape.length !== 3 ||
    (channels !== 1 && channels !== 3) ||
    height === undefined ||
    width === undefined
  )
    return undefined
  const size = sizeOf(shape)
  return indices.map(index =>
    pixelImage(data.subarray(index * size, (index + 1) * size), [channels, height, width], [0, 255]),
  )
}
