// Numbers in memory as data: an own model is trained on them without a file.
import { checkOptions, tensor, UserError } from '@ddlf/tensor'
import { describe } from '@ddlf/tensor/errors'
import { allocate, examplesOf, sizeOf, type Column, type Dataset } from '@ddlf/data'
import type { DataPart, DataSource } from './data-source.ts'

/** Numbers in nested lists, one entry an example. */
export type NestedNumbers = readonly (number | NestedNumbers)[]

type Flat = Float32Array | Int32Array | Uint8Array

/** Numbers, the first axis of which counts the examples; a typed array alone holds one number an example. */
export type Numbers = NestedNumbers | Flat | { readonly data: Flat; readonly shape: readonly number[] }

const isNested = (numbers: Numbers): numbers is NestedNumbers => Array.isArray(numbers)
const isFlat = (numbers: unknown): numbers is Flat =>
  [Float32Array, Int32Array, Uint8Array].some(kind => numbers instanceof kind)
const isShape = (shape: unknown): shape is readonly number[] => Array.isArray(shape)

/**
 * Numbers as a column and how many examples it holds.
 * @param as what to make of nested lists; default float32
 * @throws UserError where the lists are ragged, or the shape does not fit the numbers
 */
export function columnFrom(
  name: string,
  numbers: Numbers,
  as: 'float32' | 'int32' = 'float32',
): { readonly column: Column; readonly length: number } {
  const { data, shape } = isNested(numbers)
    ? flat(numbers, as)
    : isFlat(numbers)
      ? { data: numbers, shape: [numbers.length] }
      : numbers
  if (!isFlat(data) || !isShape(shape)) {
    throw new UserError({
      rule: `'${name}' must be lists of numbers, a typed array, or { data, shape } with a typed array ` +
        '(Float32Array, Int32Array or Uint8Array).',
      received: describe(numbers),
    })
  }
  const [length, ...rest] = shape
  if (length === undefined || length === 0 || data.length !== sizeOf(shape)) {
    throw new UserError({
      rule: `'${name}' must hold as many numbers as its shape says, and at least one example.`,
      received: `${data.length} numbers, shape [${shape.join(', ')}]`,
    })
  }
  const dtype = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'uint8'
  return { column: { dtype, shape: rest, data }, length }
}

function flat(
  numbers: NestedNumbers,
  dtype: 'float32' | 'int32',
): { readonly data: Flat; readonly shape: readonly number[] } {
  const { leaf, shape } = tensor(numbers, { dtype })
  if (!leaf?.data) throw new Error('a constant has no values')
  return { data: leaf.data, shape }
}

/** A data set of numbers in memory. @throws UserError where the columns differ in their number of examples */
export function datasetFrom(
  name: string,
  columns: Readonly<Record<string, { readonly column: Column; readonly length: number }>>,
): Dataset {
  const lengths = Object.entries(columns).map(([column, { length }]) => `${length} of ${column}`)
  const [length = 0, ...others] = Object.values(columns).map(found => found.length)
  if (others.some(other => other !== length)) {
    throw new UserError({
      rule: 'Every column must have as many examples as the others.',
      received: lengths.join(', '),
    })
  }
  return {
    name,
    length,
    columns: Object.fromEntries(Object.entries(columns).map(([column, found]) => [column, found.column])),
  }
}

/** Data sets in memory, by part, as a source. */
export const inMemory = (
  name: string,
  sets: { readonly train: Dataset } & Readonly<Partial<Record<DataPart, Dataset>>>,
): DataSource<unknown> => ({
  name,
  parts: (['train', 'validation', 'test'] as const).filter(part => sets[part]),
  form: () => ({
    columns: Object.fromEntries(
      Object.entries(sets.train.columns).map(([column, { dtype, shape }]) => [column, { dtype, shape }]),
    ),
    ...(sets.train.classes && { classes: sets.train.classes }),
    examples: sets.train.length,
  }),
  // Asked for those of `parts` alone.
  load: part => Promise.resolve(sets[part] as Dataset),
})

/** Numbers by column, as a part of {@link arrays}. Lists become float32; a column `labels` (classes) becomes int32. */
export type Columns = Readonly<Record<string, Numbers>>

/** What {@link arrays} is made of. */
export interface Arrays {
  readonly train: Columns
  /** Chooses the best checkpoint, and has the last word where there is no test part. */
  readonly validation?: Columns
  readonly test?: Columns
  /** The names of the classes, where a column `labels` counts them. */
  readonly classes?: readonly string[]
}

/**
 * Numbers in memory as the data of an experiment: of a file of one's own, for example.
 * @example
 * data: arrays('spirals', { train: { points: { data, shape: [300, 2] }, labels: Int32Array.from(classes) } })
 * @throws UserError where the columns of a part differ in their number of examples
 */
export function arrays(name: string, given: Arrays): DataSource<unknown> {
  checkOptions('arrays', given, ['train', 'validation', 'test', 'classes'])
  const { classes, train, validation, test } = given
  const setOf = (part: string, columns: Columns): Dataset => ({
    ...datasetFrom(
      `${name}, ${part}`,
      Object.fromEntries(
        Object.entries(columns).map(([column, numbers]) => [
          column,
          columnFrom(column, numbers, column === 'labels' ? 'int32' : 'float32'),
        ]),
      ),
    ),
    ...(classes && { classes }),
  })
  return inMemory(name, {
    train: setOf('train', train),
    ...(validation && { validation: setOf('validation', validation) }),
    ...(test && { test: setOf('test', test) }),
  })
}

/** All of a column's numbers as arrays of their own, a batch at a time. */
export function* batchesOf(
  column: Column,
  length: number,
  batch: number,
): Generator<{ readonly data: Column['data']; readonly count: number }, void> {
  for (let from = 0; from < length; from += batch) {
    const to = Math.min(from + batch, length)
    const data = allocate(column.dtype, (to - from) * sizeOf(column.shape))
    data.set(examplesOf(column, from, to))
    yield { data, count: to - from }
  }
}
