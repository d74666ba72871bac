// The batches of an evaluation: examples as they lie, or where they differ in length those of similar length together.
import { createLoader, columnOf, examplesOf, type Column, type Dataset } from '@ddlf/data'
import type { TypedArray } from '@ddlf/tensor'

/** Dtype and shape of one example of each column. */
export type Specs = Readonly<Record<string, Pick<Column, 'dtype' | 'shape'>>>

/** One batch. */
export interface EvaluationBatch {
  /** Its number. */
  readonly number: number
  /** The columns, in order. */
  readonly data: readonly TypedArray[]
  /** Which examples it holds. */
  readonly indices: ArrayLike<number>
  /** Entries that examples of different lengths are filled up to. */
  readonly entries?: number
}

const isRagged = ({ columns }: Dataset): boolean => Object.values(columns).some(({ offsets }) => offsets)

/** Columns of a batch are not counted on: they are read as the loader makes them. */
const loaderOf = (dataset: Dataset, batchSize: number) => createLoader({ dataset, batchSize, shuffle: false })

/** What the columns of a data set look like in a batch; those of different lengths as in the longest. */
export function specsOf(dataset: Dataset, names: readonly string[]): Specs {
  const { columns } = isRagged(dataset) ? loaderOf(dataset, 1) : dataset
  return Object.fromEntries(names.map(name => [name, columns[name] ?? columnOf(dataset, name)]))
}

/** The same with examples of different lengths filled up to so many entries. */
export const specsAt = (specs: Specs, dataset: Dataset, entries: number | undefined): Specs =>
  Object.fromEntries(
    Object.entries(specs).map(([name, spec]) =>
      entries !== undefined && dataset.columns[name]?.offsets
        ? [name, { ...spec, shape: [entries, ...spec.shape.slice(1)] }]
        : [name, spec],
    ),
  )

/** Native runtimes refuse shared memory. */
const owned = (data: TypedArray): TypedArray =>
  typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer ? data.slice() : data

/** All batches of a data set, of so many examples at most. */
export async function* evaluationBatches(
  dataset: Dataset,
  names: readonly string[],
  batch: number,
): AsyncGenerator<EvaluationBatch, void> {
  if (isRagged(dataset)) {
    let number = 0
    for await (const { columns, indices, entries } of loaderOf(dataset, batch).epoch(0)) {
      const data = names.map(name => columns[name]?.data ?? columnOf(dataset, name).data)
      yield { number: number++, data, indices, ...(entries !== undefined && { entries }) }
    }
    return
  }
  const columns = names.map(name => columnOf(dataset, name))
  for (let from = 0; from < dataset.length; from += batch) {
    const to = Math.min(from + batch, dataset.length)
    const data = columns.map(column => owned(examplesOf(column, from, to)))
    yield { number: from / batch, data, indices: Int32Array.from({ length: to - from }, (_, k) => from + k) }
  }
}
