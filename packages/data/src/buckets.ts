// Batches of examples of similar length, so that little is filled up: which examples stand together in an epoch.
import { UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { entriesOf, exampleOf, sizeOf } from './dataset.ts'
import type { Column, ColumnData, ColumnDtype, Dataset } from './dataset.ts'

/** The batches of an epoch. */
export interface BucketedEpoch {
  /** The examples of all batches one behind the other, as positions in what is chosen from. */
  readonly order: Int32Array
  /** Entries that the examples of each batch are filled up to. */
  readonly lengths: Int32Array
}

/** How examples of different lengths are batched. */
export interface BucketSettings {
  readonly batchSize: number
  readonly seed: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  /** Entries that batches are filled up to, ascending; default powers of two up to the longest example. */
  readonly buckets?: readonly number[]
  /** Batches of an epoch, where that is no pass over the examples; default one pass. */
  readonly stepsPerEpoch?: number
}

/** Examples that stand together, and the entries that they are filled up to. */
interface Batch {
  readonly length: number
  readonly positions: readonly number[]
}

const joined = (batches: readonly Batch[]): BucketedEpoch => ({
  order: Int32Array.from(batches.flatMap(({ positions }) => positions)),
  lengths: Int32Array.from(batches, ({ length }) => length),
})

/** The shortest length that batches are filled up to by default. */
const SHORTEST = 8

/** The columns whose examples differ in length. */
export const raggedColumns = (columns: Readonly<Record<string, Column>>): [string, Column][] =>
  Object.entries(columns).filter(([, { offsets }]) => offsets)

/** The name of the column of a batch that says how many entries of each example are its own. */
export const lengthsOf = (name: string): string => `${name}Lengths`

function defaultBuckets(longest: number): number[] {
  const lengths: number[] = []
  for (let length = SHORTEST; length < longest; length *= 2) lengths.push(length)
  return [...lengths, Math.max(1, longest)]
}

function checkBuckets(buckets: readonly number[], longest: number): void {
  const rises = buckets.every((length, i) => Number.isInteger(length) && length > (buckets[i - 1] ?? 0))
  if (!rises || buckets.length === 0) {
    throw new UserError({
      rule: 'buckets must list whole numbers from 1 on that rise.',
      received: `[${buckets.join(', ')}]`,
      next: 'For example [16, 32, 64]',
    })
  }
  if (longest <= (buckets.at(-1) ?? 0)) return
  throw new UserError({
    rule: 'The last bucket must hold the longest example.',
    received: `[${buckets.join(', ')}], and an example of ${longest} entries`,
    next: 'Add a larger bucket, or cut long examples before (truncate of @ddlf/data/tokenizers)',
  })
}

/** Divides examples of different lengths into batches, epoch by epoch. */
export class Buckets {
  /** The entries that batches are filled up to at most. */
  readonly longest: number
  readonly #settings: BucketSettings
  /** The bucket of each position. */
  readonly #places: Int32Array
  readonly #lengths: readonly number[]
  #kept: { readonly epoch: number; readonly batches: BucketedEpoch } | undefined
  #pass: { readonly pass: number; readonly batches: readonly Batch[] } | undefined

  /** @param chosen the examples that positions stand for; default all */
  constructor({ columns, length }: Dataset, chosen: Int32Array | undefined, settings: BucketSettings) {
    this.#settings = settings
    const ragged = raggedColumns(columns)
    const count = chosen?.length ?? length
    const longestOf = Int32Array.from({ length: count }, (_, k) =>
      Math.max(...ragged.map(([, column]) => entriesOf(column, chosen?.[k] ?? k))),
    )
    const longest = longestOf.reduce((most, entries) => Math.max(most, entries), 0)
    this.#lengths = settings.buckets ?? defaultBuckets(longest)
    checkBuckets(this.#lengths, longest)
    this.#places = longestOf.map(entries => this.#lengths.findIndex(limit => entries <= limit))
    this.longest = this.#lengths.at(-1) as number
  }

  /**
   * The batches of an epoch, which is a pass or a number of steps, in which a pass ends and the next begins. What does
   * not fill a batch of its bucket goes to the next larger one, so that one batch of a pass at most is partial; it is
   * left out where epochs are steps. Batches come in random order where examples do.
   */
  epoch(epoch: number): BucketedEpoch {
    if (this.#kept?.epoch !== epoch) this.#kept = { epoch, batches: joined(this.#batches(epoch)) }
    return this.#kept.batches
  }

  #batches(epoch: number): readonly Batch[] {
    const { batchSize, stepsPerEpoch } = this.#settings
    if (stepsPerEpoch === undefined) return this.#divide(epoch)
    const whole = Math.floor(this.#places.length / batchSize)
    return Array.from({ length: stepsPerEpoch }, (_, step) => {
      const at = epoch * stepsPerEpoch + step
      const pass = Math.floor(at / whole)
      if (this.#pass?.pass !== pass) this.#pass = { pass, batches: this.#divide(pass) }
      return this.#pass.batches[at % whole] as Batch
    })
  }

  /** The batches of a pass. */
  #divide(pass: number): readonly Batch[] {
    const { batchSize, seed, shuffle, dropLast } = this.#settings
    const count = this.#places.length
    const positions = shuffle
      ? permutation(randomKey(seed, 'shuffle', pass), count)
      : Uint32Array.from({ length: count }, (_, i) => i)
    const waiting = this.#lengths.map((): number[] => [])
    for (const position of positions) waiting[this.#places[position] as number]?.push(position)
    const full: Batch[] = []
    let left: number[] = []
    for (const [bucket, own] of waiting.entries()) {
      const all = [...left, ...own]
      const whole = all.length - (all.length % batchSize)
      for (let from = 0; from < whole; from += batchSize) {
        full.push({ length: this.#lengths[bucket] as number, positions: all.slice(from, from + batchSize) })
      }
      left = all.slice(whole)
    }
    const turns = shuffle ? permutation(randomKey(seed, 'batches', pass), full.length) : full.keys()
    const batches = Array.from(turns, turn => full[turn] as Batch)
    // The partial one comes last, as everywhere.
    if (left.length > 0 && !dropLast) {
      const bucket = left.reduce((last, position) => Math.max(last, this.#places[position] as number), 0)
      batches.push({ length: this.#lengths[bucket] as number, positions: left })
    }
    return batches
  }
}

/** How batches are asked for. */
export interface BucketsAsked extends Omit<BucketSettings, 'shuffle' | 'dropLast'> {
  readonly indices?: Int32Array
  readonly shuffle?: boolean
  readonly dropLast?: boolean
  readonly replacement?: boolean
  readonly balanceBy?: string
}

/** @throws UserError where examples of different lengths are to be drawn so that batches would have no one length */
export function bucketsOf(dataset: Dataset, asked: BucketsAsked): Buckets {
  const { indices, batchSize, seed, shuffle = true, dropLast = false, buckets, stepsPerEpoch } = asked
  const refused = (['replacement', 'balanceBy'] as const).filter(
    name => asked[name] !== undefined && asked[name] !== false,
  )
  if (refused.length > 0) {
    throw new UserError({
      rule: 'Examples of different lengths are gone through in passes, each once.',
      received: refused.join(', '),
      next: 'Leave it out, or cut the examples to one length',
    })
  }
  const count = indices?.length ?? dataset.length
  if (stepsPerEpoch !== undefined && count < batchSize) {
    throw new UserError({
      rule: 'Steps take full batches of examples of different lengths.',
      received: `${count} examples of ${dataset.name}, batches of ${batchSize}`,
      next: 'Use more examples, a smaller batchSize, or whole passes',
    })
  }
  const common = { batchSize, seed, shuffle, dropLast, ...(buckets && { buckets }) }
  return new Buckets(dataset, indices, { ...common, ...(stepsPerEpoch !== undefined && { stepsPerEpoch }) })
}

/** Element type and shape of one example of each column of batches. */
type BatchColumns = Readonly<Record<string, { readonly dtype: ColumnDtype; readonly shape: readonly number[] }>>

/** The columns of batches with those of different lengths: as long as the longest batch, and with their lengths. */
export function withRagged(
  columns: BatchColumns,
  ragged: readonly (readonly [string, Column])[],
  longest: number,
): BatchColumns {
  const more = ragged.flatMap(([name, { dtype, shape }]): [string, BatchColumns[string]][] => [
    [name, { dtype, shape: [longest, ...shape] }],
    [lengthsOf(name), { dtype: 'int32', shape: [] }],
  ])
  return { ...columns, ...Object.fromEntries(more) }
}

/** Where an epoch is taken up, and how long its chunks may be. */
export interface BucketChunksOptions {
  readonly fromStep: number
  /** Steps with full batches. */
  readonly fullSteps: number
  readonly chunkSteps: number
  readonly batchSize: number
  /** Examples of the last, partial batch. */
  readonly remainder: number
}

/** Chunks of batches of one length each. @param lengths of the batches of an epoch */
export function* bucketChunks(
  lengths: Int32Array,
  { fromStep, fullSteps, chunkSteps, batchSize, remainder }: BucketChunksOptions,
): Generator<{ step: number; steps: number; batchSize: number; entries: number }> {
  let step = fromStep
  while (step < lengths.length) {
    const entries = lengths[step] as number
    const isFull = step < fullSteps
    let steps = 1
    while (isFull && steps < chunkSteps && step + steps < fullSteps && lengths[step + steps] === entries) steps++
    yield { step, steps, batchSize: isFull ? batchSize : remainder, entries }
    step += steps
  }
}

/** Writes examples of different lengths into batches, filled up to one length, and how long each is. */
export function fillRagged(
  memory: Readonly<Record<string, ColumnData>>,
  name: string,
  column: Column,
  indices: Int32Array,
  entries: number,
): void {
  const width = entries * sizeOf(column.shape)
  const target = memory[name] as ColumnData
  const lengths = memory[lengthsOf(name)] as ColumnData
  target.fill(column.padding ?? 0, 0, indices.length * width)
  for (const [k, index] of indices.entries()) {
    target.set(exampleOf(column, index), k * width)
    lengths[k] = entriesOf(column, index)
  }
}
