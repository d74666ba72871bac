// Batches of examples of similar length, so that little is filled up: which examples stand together in an epoch.
import { UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { entriesOf, type Column, type Dataset } from './dataset.ts'

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
}

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
      next: 'for example [16, 32, 64]',
    })
  }
  if (longest <= (buckets.at(-1) ?? 0)) return
  throw new UserError({
    rule: 'The last bucket must hold the longest example.',
    received: `[${buckets.join(', ')}], and an example of ${longest} entries`,
    next: 'add a larger bucket, or cut long examples before (truncate of @ddlf/data/tokenizers)',
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
   * The batches of an epoch. What does not fill a batch of its bucket goes to the next larger one, so that one batch at
   * most is partial; batches come in random order where examples do.
   */
  epoch(epoch: number): BucketedEpoch {
    if (this.#kept?.epoch !== epoch) this.#kept = { epoch, batches: this.#divide(epoch) }
    return this.#kept.batches
  }

  #divide(epoch: number): BucketedEpoch {
    const { batchSize, seed, shuffle, dropLast } = this.#settings
    const count = this.#places.length
    const positions = shuffle
      ? permutation(randomKey(seed, 'shuffle', epoch), count)
      : Uint32Array.from({ length: count }, (_, i) => i)
    const waiting = this.#lengths.map((): number[] => [])
    for (const position of positions) waiting[this.#places[position] as number]?.push(position)
    const full: { readonly length: number; readonly positions: readonly number[] }[] = []
    let left: number[] = []
    for (const [bucket, own] of waiting.entries()) {
      const all = [...left, ...own]
      const whole = all.length - (all.length % batchSize)
      for (let from = 0; from < whole; from += batchSize) {
        full.push({ length: this.#lengths[bucket] as number, positions: all.slice(from, from + batchSize) })
      }
      left = all.slice(whole)
    }
    const turns = shuffle ? permutation(randomKey(seed, 'batches', epoch), full.length) : full.keys()
    const batches = Array.from(turns, turn => full[turn] as (typeof full)[number])
    // The partial one comes last, as everywhere.
    if (left.length > 0 && !dropLast) {
      const bucket = Math.max(...left.map(position => this.#places[position] as number))
      batches.push({ length: this.#lengths[bucket] as number, positions: left })
    }
    return {
      order: Int32Array.from(batches.flatMap(batch => batch.positions)),
      lengths: Int32Array.from(batches, ({ length }) => length),
    }
  }
}
