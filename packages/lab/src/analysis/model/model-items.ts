// The first examples of a data set as a model reads them: one behind the other, all of one size.
import { allocate, columnOf, exampleOf, examplesOf, sizeOf, type ColumnData, type Dataset } from '@ddlf/data'

/**
 * The first examples of a column; those of different lengths are filled up to the size that the model reads.
 * @param shape of one example for the model
 * @param most so many at most
 */
export function itemsOf(dataset: Dataset, name: string, shape: readonly number[], most: number): ColumnData {
  const column = columnOf(dataset, name)
  const count = Math.min(most, dataset.length)
  if (!column.offsets) return examplesOf(column, 0, count)
  const size = sizeOf(shape)
  const data = allocate(column.dtype, count * size).fill(column.padding ?? 0)
  for (let i = 0; i < count; i++) data.set(exampleOf(column, i).subarray(0, size), i * size)
  return data
}
