// Turns a data set into the chunks of batches that training consumes, on the calling thread.
import { createBatcher } from './batches.ts'
import type { BatchColumn, Batcher, BatchOptions, ChunkMemory, ChunkPlan } from './batches.ts'
import { sizeOf } from './dataset.ts'
import type { ColumnData, ColumnDtype } from './dataset.ts'

/** One column of a chunk. */
export interface ChunkColumn {
  readonly dtype: ColumnDtype
  /** `[K, B, ...shape of one example]`. */
  readonly shape: readonly number[]
  /** Exactly the chunk's elements, on an `ArrayBuffer` of this thread. */
  readonly data: ColumnData
}

/**
 * K batches of equal size, stacked. A chunk never crosses the end of an epoch, and the last, partial batch is a chunk
 * of its own (`steps` 1, `batchSize` the remainder). Valid until the next chunk is asked for: the memory is used again.
 */
export interface Chunk {
  readonly epoch: number
  /** First step of the chunk, counted within the epoch. */
  readonly step: number
  /** K, the number of steps. */
  readonly steps: number
  /** B, the examples in each step. */
  readonly batchSize: number
  /** Entries that examples of different lengths are filled up to. */
  readonly entries?: number
  readonly columns: Readonly<Record<string, ChunkColumn>>
  /** Which examples of the data set these are, K * B of them in order. */
  readonly indices: Int32Array
}

/** A source of chunks. */
export interface Loader {
  readonly batchSize: number
  readonly stepsPerEpoch: number
  /** Examples in one epoch. */
  readonly length: number
  /** Element type and shape per example of every column, after the transforms. */
  readonly columns: Readonly<Record<string, BatchColumn>>
  /** The columns whose examples differ in length: batches are as long as their bucket, and at most `entries`. */
  readonly ragged: readonly string[]
  readonly entries?: number
  /**
   * The chunks of one epoch, from a step on: a resumed run asks for `(epoch, step)` and receives the same batches, bit
   * for bit, as the run that was interrupted.
   */
  epoch(epoch: number, fromStep?: number): AsyncIterable<Chunk>
  /** Releases what the loader holds (a worker thread, if any). A loader that only runs here holds nothing. */
  close(): Promise<void>
}

/** The settings of a loader. */
export type LoaderOptions = BatchOptions

/** A chunk as views of memory that holds it. */
export function chunkOf(
  batcher: Batcher,
  memory: ChunkMemory,
  indices: Int32Array,
  epoch: number,
  plan: ChunkPlan,
): Chunk {
  const count = plan.steps * plan.batchSize
  const columns = Object.entries(batcher.columns).map(([name, { dtype, shape }]): [string, ChunkColumn] => {
    const here = batcher.ragged.includes(name) ? [plan.entries ?? 0, ...shape.slice(1)] : shape
    const data = (memory[name] as ColumnData).subarray(0, count * sizeOf(here))
    return [name, { dtype, shape: [plan.steps, plan.batchSize, ...here], data }]
  })
  return { epoch, ...plan, columns: Object.fromEntries(columns), indices: indices.subarray(0, count) }
}

/**
 * Makes a loader that prepares each chunk when it is asked for. In Node, `createPrefetchingLoader` of `@ddlf/data/node`
 * prepares the same chunks ahead of time in a worker thread.
 * @throws UserError when the set is empty or a setting is out of range
 * @example
 * const loader = createLoader({ dataset, batchSize: 64, seed: 1, chunkSteps: 8 })
 * for await (const chunk of loader.epoch(0)) train(chunk.columns.images, chunk.columns.labels)
 */
export function createLoader(options: LoaderOptions): Loader {
  const batcher = createBatcher(options)
  let held: ReturnType<Batcher['allocate']> | undefined
  return {
    batchSize: batcher.batchSize,
    stepsPerEpoch: batcher.stepsPerEpoch,
    length: batcher.length,
    columns: batcher.columns,
    ragged: batcher.ragged,
    ...(batcher.entries !== undefined && { entries: batcher.entries }),
    async *epoch(epoch, fromStep = 0) {
      held ??= batcher.allocate()
      for (const plan of batcher.plan(fromStep, epoch)) {
        batcher.fill(held.memory, held.indices, epoch, plan)
        yield await Promise.resolve(chunkOf(batcher, held.memory, held.indices, epoch, plan))
      }
    },
    close: () => Promise.resolve(),
  }
}
