// Fills chunks of batches from a data set: the one place where order, gathering and transforms meet. Both loaders run
// it.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { integerAt, permutation, randomKey } from '@ddlf/tensor/random'
import { balancedOrder } from './balanced-order.ts'
import { bucketChunks, bucketsOf, fillRagged, raggedColumns, withRagged, type Buckets } from './buckets.ts'
import { allocate, columnOf, isStream, sizeOf, spanOf, stepOf } from './dataset.ts'
import type { Column, ColumnData, ColumnDtype, Dataset } from './dataset.ts'
import { compileTransforms } from './transforms/pipeline.ts'
import type { Transform } from './transforms/transform.ts'

/** How batches are made of a data set. Plain data, so that it crosses threads and is recorded with a run. */
export interface BatchOptions {
  readonly dataset: Dataset
  /** Examples in a batch. */
  readonly batchSize: number
  /** Seed of shuffling and of every transform; default 0. */
  readonly seed?: number
  /** Go through the examples in a new random order each epoch; default true. */
  readonly shuffle?: boolean
  /** Draw every example of a batch from all of them, so that some come twice and some not at all; default false. */
  readonly replacement?: boolean
  /**
   * Steps of an epoch, where that is no pass over the examples: all batches are full, and a pass ends and the next
   * begins
   * within an epoch. Default: one pass.
   */
  readonly stepsPerEpoch?: number
  /** Random changes of the images, applied in order; default none. */
  readonly transforms?: readonly Transform[]
  /** Largest number of full batches in one chunk; default 1. */
  readonly chunkSteps?: number
  /** Only these examples of the data set (a part of a split), without copying; default all. */
  readonly indices?: Int32Array
  /** Leave out the last, partial batch of an epoch; default false. */
  readonly dropLast?: boolean
  /**
   * Of examples of different lengths (columns with `offsets`): the entries that batches are filled up to, ascending;
   * default powers of two. Each batch holds examples of similar length and is as long as its bucket.
   */
  readonly buckets?: readonly number[]
  /** Column of classes that come equally often in an epoch, rare ones repeated; default: every example once. */
  readonly balanceBy?: string
}

/** Element type and shape per example of one column of the batches. */
export interface BatchColumn {
  readonly dtype: ColumnDtype
  readonly shape: readonly number[]
}

/** Which steps of an epoch a chunk holds. */
export interface ChunkPlan {
  /** First step of the chunk, counted within the epoch. */
  readonly step: number
  /** Number of steps, K. */
  readonly steps: number
  /** Examples in each step, B. */
  readonly batchSize: number
  /** Entries that examples of different lengths are filled up to, in all steps of the chunk. */
  readonly entries?: number
}

/** One column's memory of a chunk, long enough for the largest chunk. */
export type ChunkMemory = Readonly<Record<string, ColumnData>>

/** Makes chunks; see {@link createBatcher}. */
export interface Batcher {
  readonly batchSize: number
  readonly stepsPerEpoch: number
  /** Number of examples in an epoch. */
  readonly length: number
  /** Element type and shape per example; of examples of different lengths that of the longest batches. */
  readonly columns: Readonly<Record<string, BatchColumn>>
  /** The columns whose examples differ in length: their chunks are as long as their bucket. */
  readonly ragged: readonly string[]
  /** Entries of the longest batches. */
  readonly entries?: number
  /** The chunks from a step to the end of an epoch. */
  plan(fromStep: number, epoch: number): Generator<ChunkPlan>
  /** Memory for the largest chunk: the columns, and the indices of the examples. */
  allocate(): { memory: ChunkMemory; indices: Int32Array<ArrayBuffer> }
  /** Writes one chunk. The same (epoch, step) gives the same bytes however the epoch is cut into chunks. */
  fill(memory: ChunkMemory, indices: Int32Array, epoch: number, plan: ChunkPlan): void
}

const wholeFrom = (least: number, value: number, name: string) => {
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new UserError({ rule: `${name} must be a whole number of at least ${least}.`, received: String(value) })
  }
  return value
}

/** @throws UserError where a column does not hold as many elements as its examples span */
function checkSpan(dataset: Dataset, name: string, column: Column): void {
  const [size, span, found] = [sizeOf(column.shape), spanOf(column, dataset.length), column.data.length]
  if (isStream(column) || column.offsets ? found >= span : found === span) return
  const steps = column.step === undefined ? '' : `, one every ${column.step}`
  throw new UserError({
    rule: `Column '${name}' of ${dataset.name} must hold ${dataset.length} examples of ${size} elements${steps}.`,
    received: `${found} elements`,
  })
}

/** The example at a position of a pass; the order of one pass is kept. Undefined orders are those of the data. */
function orders(
  orderOf: (pass: number) => ArrayLike<number> | undefined,
): (pass: number, position: number) => number {
  let kept: { readonly pass: number; readonly order: ArrayLike<number> | undefined } | undefined
  return (pass, position) => {
    if (kept?.pass !== pass) kept = { pass, order: orderOf(pass) }
    return kept.order === undefined ? position : (kept.order[position] as number)
  }
}

/** @throws UserError when there is nothing to make batches of, or a column or an index does not fit the set */
function checkExamples(dataset: Dataset, chosen: ArrayLike<number> | undefined): void {
  for (let k = 0; k < (chosen?.length ?? 0); k++) {
    const index = chosen?.[k] as number
    if (index < 0 || index >= dataset.length) {
      throw new UserError({
        rule: `indices must lie in 0 .. ${dataset.length - 1}, the examples of ${dataset.name}.`,
        received: String(index),
      })
    }
  }
  const columns = Object.entries(dataset.columns)
  if (columns.length === 0) {
    throw new UserError({
      rule: `The data set ${dataset.name} has no column of numbers to make batches of.`,
      received: `columns of text: ${Object.keys(dataset.text ?? {}).join(', ') || '(none)'}`,
      next: 'Encode the text with a tokenizer first',
    })
  }
  for (const [name, column] of columns) checkSpan(dataset, name, column)
}

/** Writes which examples a chunk holds. */
type Chooser = (indices: Int32Array, epoch: number, plan: ChunkPlan) => void

/** The order of examples: that of the buckets, drawn with replacement, or that of passes. */
function chooserOf(
  { shuffle = true, replacement = false, indices: chosen, batchSize, stepsPerEpoch: asked }: BatchOptions,
  { length, seed, buckets, balanced }: {
    readonly length: number
    readonly seed: number
    readonly buckets: Buckets | undefined
    readonly balanced: ((pass: number) => ArrayLike<number>) | undefined
  },
): Chooser {
  const orderOfPass = orders((pass): ArrayLike<number> | undefined => {
    if (!shuffle) return undefined
    return balanced ? balanced(pass) : permutation(randomKey(seed, 'shuffle', pass), length)
  })
  const drawn = (epoch: number, at: number): number => {
    // Counted over all epochs where they are no passes.
    if (asked === undefined) return orderOfPass(epoch, at)
    const position = epoch * asked * batchSize + at
    return orderOfPass(Math.floor(position / length), position % length)
  }
  return (indices, epoch, plan) => {
    const count = plan.steps * plan.batchSize
    const from = plan.step * batchSize
    const key = replacement ? randomKey(seed, 'draw', epoch) : undefined
    const order = buckets?.epoch(epoch).order
    for (let k = 0; k < count; k++) {
      const at = from + k
      const position = order ? (order[at] as number) : key ? integerAt(key, at, length) : drawn(epoch, at)
      indices[k] = chosen === undefined ? position : (chosen[position] as number)
    }
  }
}

/** Gathers the examples of columns of one length into a chunk. */
function gather(
  { data, shape, starts, ...column }: Column,
  indices: Int32Array,
  target: ColumnData,
): void {
  const size = sizeOf(shape)
  const step = stepOf({ shape, ...column })
  if (size === 1 && !starts) {
    for (let k = 0; k < indices.length; k++) target[k] = data[(indices[k] as number) * step] as number
    return
  }
  for (let k = 0; k < indices.length; k++) {
    const start = starts ? (starts[indices[k] as number] as number) : (indices[k] as number) * step
    target.set(data.subarray(start, start + size), k * size)
  }
}

/** @throws UserError where an epoch would have no batch, or a balanced one an order */
function checkOrder({ dataset, length, batchSize, stepsPerEpoch, dropLast, isBalancedInOrder }: {
  readonly dataset: Dataset
  readonly length: number
  readonly batchSize: number
  readonly stepsPerEpoch: number
  readonly dropLast: boolean
  readonly isBalancedInOrder: boolean
}): void {
  if (stepsPerEpoch === 0) {
    throw new UserError({
      rule: 'An epoch needs at least one batch.',
      received:
        `${length} examples of ${dataset.name}, batches of ${batchSize}` +
        (dropLast ? ', the partial one left out' : ''),
      next: 'Use more examples or a smaller batchSize',
    })
  }
  if (isBalancedInOrder) {
    throw new UserError({
      rule: 'Balanced sampling draws a new order each epoch.',
      received: 'shuffle: false',
      next: 'Leave shuffle out',
    })
  }
}

/**
 * Prepares to make batches of a data set's columns of numbers; text stays behind (encode it first).
 * @throws UserError when the set is empty, holds no column of numbers, or a setting is out of range
 */
export function createBatcher(options: BatchOptions): Batcher {
  checkOptions('createLoader', options, [
    'dataset', 'batchSize', 'seed', 'shuffle', 'replacement', 'stepsPerEpoch', 'transforms', 'chunkSteps', 'indices',
    'dropLast', 'balanceBy', 'buckets',
  ])
  const { dataset, shuffle = true, transforms = [], indices: chosen, dropLast = false, balanceBy } = options
  const batchSize = wholeFrom(1, options.batchSize, 'batchSize')
  const chunkSteps = wholeFrom(1, options.chunkSteps ?? 1, 'chunkSteps')
  const seed = wholeFrom(0, options.seed ?? 0, 'seed')
  const length = chosen?.length ?? dataset.length
  const asked = options.stepsPerEpoch === undefined ? undefined : wholeFrom(1, options.stepsPerEpoch, 'stepsPerEpoch')
  const fullSteps = length === 0 ? 0 : (asked ?? Math.floor(length / batchSize))
  const remainder = asked === undefined ? length - fullSteps * batchSize : 0
  const stepsPerEpoch = fullSteps + (remainder > 0 && !dropLast ? 1 : 0)
  checkExamples(dataset, chosen)
  const isBalancedInOrder = balanceBy !== undefined && !shuffle
  checkOrder({ dataset, length, batchSize, stepsPerEpoch, dropLast, isBalancedInOrder })
  const ragged = raggedColumns(dataset.columns)
  const buckets = ragged.length > 0 ? bucketsOf(dataset, { ...options, batchSize, seed }) : undefined
  const regular = Object.entries(dataset.columns).filter(([, { offsets }]) => !offsets)
  const classes = balanceBy === undefined ? undefined : columnOf(dataset, balanceBy).data
  const balanced =
    classes && balancedOrder(chosen === undefined ? classes : Int32Array.from(chosen, k => classes[k] as number), seed)
  const pipeline = compileTransforms(transforms, dataset.columns, seed)
  const columns = withRagged(pipeline.columns, ragged, buckets?.longest ?? 0)
  const most = asked === undefined ? Math.min(batchSize, length) : batchSize
  const largest = Math.min(chunkSteps, Math.max(1, fullSteps)) * most
  const choose = chooserOf(options, { length, seed, buckets, balanced })

  return {
    batchSize,
    stepsPerEpoch,
    length: asked === undefined ? Math.min(length, stepsPerEpoch * batchSize) : asked * batchSize,
    columns,
    ragged: ragged.map(([name]) => name),
    ...(buckets && { entries: buckets.longest }),
    *plan(fromStep, epoch) {
      if (wholeFrom(0, fromStep, 'The step to start from') > stepsPerEpoch) {
        throw new UserError({
          rule: `An epoch of ${dataset.name} has ${stepsPerEpoch} steps.`,
          received: `a start from step ${fromStep}`,
        })
      }
      if (buckets) {
        yield* bucketChunks(buckets.epoch(epoch).lengths, { fromStep, fullSteps, chunkSteps, batchSize, remainder })
        return
      }
      for (let step = fromStep; step < fullSteps; step += chunkSteps) {
        yield { step, steps: Math.min(chunkSteps, fullSteps - step), batchSize }
      }
      if (stepsPerEpoch > fullSteps && fromStep <= fullSteps) yield { step: fullSteps, steps: 1, batchSize: remainder }
    },
    allocate: () => ({
      memory: Object.fromEntries(
        Object.entries(columns).map(([name, { dtype, shape }]) => [name, allocate(dtype, largest * sizeOf(shape))]),
      ),
      indices: new Int32Array(largest),
    }),
    fill(memory, indices, epoch, plan) {
      const count = plan.steps * plan.batchSize
      choose(indices, epoch, plan)
      const here = indices.subarray(0, count)
      for (const [name, column] of regular) {
        gather(column, here, pipeline.staging(name, memory, count * sizeOf(column.shape)))
      }
      for (const [name, column] of ragged) fillRagged(memory, name, column, here, plan.entries ?? 0)
      pipeline.apply(memory, indices, epoch, plan)
    },
  }
}
