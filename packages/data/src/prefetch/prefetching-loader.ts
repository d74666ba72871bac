// The loader that works ahead: a worker thread prepares the next chunks while the calling thread trains on the current
// one.
import type { Worker } from 'node:worker_threads'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { createBatcher } from '../batches.ts'
import type { BatchOptions } from '../batches.ts'
import type { Column, Dataset } from '../dataset.ts'
import { chunkOf } from '../loader.ts'
import type { Chunk, Loader } from '../loader.ts'
import { buffersOf } from './messages.ts'
import { startWorker } from './start-worker.ts'
import type { Reply, Request, Slot, WorkerSetup } from './messages.ts'

/** Chunks in use or prepared at once: one is trained on, two wait. */
const SLOTS = 3

/** The settings of a prefetching loader. */
export interface PrefetchingLoaderOptions extends BatchOptions {
  /** Chunks in use or prepared at once; default 3 (one is trained on while two wait). */
  readonly slots?: number
}

/** Copies columns over one buffer into one shared buffer; each into its own where they lie far apart. */
function shareTogether(columns: readonly Column[]): Column[] {
  const first = Math.min(...columns.map(({ data }) => data.byteOffset))
  // A multiple of the size of every element stays one.
  const from = first - (first % 4)
  const to = Math.max(...columns.map(({ data }) => data.byteOffset + data.byteLength))
  if (columns.length > 1 && to - from > columns.reduce((sum, { data }) => sum + data.byteLength, 0)) {
    return columns.flatMap(column => shareTogether([column]))
  }
  const shared = new SharedArrayBuffer(to - from)
  return columns.map(column => {
    const { data } = column
    const Numbers = data.constructor as new (buffer: SharedArrayBuffer, offset: number, length: number) => typeof data
    const copy = new Numbers(shared, data.byteOffset - from, data.length)
    copy.set(data)
    return { ...column, data: copy }
  })
}

/** Puts the places where examples begin into shared memory, once for all columns that share them. */
function sharePlaces(columns: Record<string, Column>, kind: 'starts' | 'offsets'): void {
  const known = new Map<Int32Array, Int32Array>()
  for (const [name, column] of Object.entries(columns)) {
    const places = column[kind]
    if (!places || places.buffer instanceof SharedArrayBuffer) continue
    const shared = known.get(places) ?? new Int32Array(new SharedArrayBuffer(places.byteLength))
    if (!known.has(places)) shared.set(places)
    known.set(places, shared)
    columns[name] = { ...column, [kind]: shared }
  }
}

/**
 * The same data set with its numbers in shared memory; what already is there is not copied, and columns that lie over
 * each other (the windows of a stream, and what follows them) are copied once. Text stays behind.
 * `loadDataset(id, { shared: true })` reads into shared memory at once, which spares the copy.
 */
export function shareDataset(dataset: Dataset): Dataset {
  const byBuffer = new Map<ArrayBufferLike, string[]>()
  for (const [name, { data: { buffer } }] of Object.entries(dataset.columns)) {
    byBuffer.set(buffer, [...(byBuffer.get(buffer) ?? []), name])
  }
  const columns = { ...dataset.columns }
  for (const [buffer, names] of byBuffer) {
    if (buffer instanceof SharedArrayBuffer) continue
    const shared = shareTogether(names.map(name => dataset.columns[name] as Column))
    names.forEach((name, i) => (columns[name] = shared[i] as Column))
  }
  sharePlaces(columns, 'starts')
  sharePlaces(columns, 'offsets')
  return { name: dataset.name, length: dataset.length, columns, ...(dataset.classes && { classes: dataset.classes }) }
}

type ChunkReply = Extract<Reply, { kind: 'chunk' }>

/** The chunks that the worker has prepared, of the stream that was begun last. */
class Arrivals {
  /** The number of the stream. */
  stream = 0
  readonly #worker: Worker
  readonly #arrived: ChunkReply[] = []
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #closed = false

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (reply: Reply) => this.#take(reply))
    worker.on('error', error => this.#fail(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', code =>
      this.#fail(new Error(this.#closed ? 'The loader was closed.' : `The loader's thread ended with code ${code}.`)),
    )
  }

  #take(reply: Reply): void {
    if (reply.kind === 'error') {
      const error = reply.parts === undefined ? new Error(reply.message) : new UserError(reply.parts)
      if (reply.stack !== undefined) error.stack = reply.stack
      this.#fail(error)
    } else if (reply.stream === this.stream) {
      this.#arrived.push(reply)
      this.#wake?.()
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  /** Begins a stream: what was prepared for the one before is dropped. */
  begin(): void {
    this.stream++
    this.#arrived.length = 0
  }

  /** @throws what the worker failed of */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  async next(): Promise<ChunkReply> {
    while (this.#arrived.length === 0 && this.#failure === undefined) {
      // Only while someone waits does the thread count as work that keeps the process alive.
      this.#worker.ref()
      await new Promise<void>(resolve => (this.#wake = resolve))
      this.#wake = undefined
      this.#worker.unref()
    }
    this.check()
    return this.#arrived.shift() as ChunkReply
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#worker.terminate()
  }
}

/**
 * Makes a loader that prepares chunks in a worker thread, ahead of training and across the ends of epochs. Its chunks
 * equal those of `createLoader` bit for bit. The thread never keeps the process alive; `close` ends it at once. One
 * iteration may be active at a time, and a chunk's memory goes back to the worker (its arrays become empty) when the
 * next one is asked for.
 * @throws UserError when the set is empty or a setting is out of range
 */
export function createPrefetchingLoader(given: PrefetchingLoaderOptions): Loader {
  checkOptions('createPrefetchingLoader', given, [
    'slots',
    'dataset',
    'batchSize',
    'seed',
    'shuffle',
    'replacement',
    'stepsPerEpoch',
    'transforms',
    'chunkSteps',
    'indices',
    'dropLast',
    'balanceBy',
    'buckets',
  ])
  const { slots = SLOTS, ...options } = given
  if (!(Number.isInteger(slots) && slots >= 2))
    throw new UserError({ rule: 'slots must be a whole number of at least 2.', received: String(slots) })
  const shared: BatchOptions = { ...options, dataset: shareDataset(options.dataset) }
  // Here the batcher only plans and allocates; it also refuses wrong settings on this thread, with their stack.
  const batcher = createBatcher(shared)
  const setup: WorkerSetup = { options: shared, slots }
  const worker = startWorker(new URL('./worker.ts', import.meta.url), { workerData: setup, name: 'ddlf data' })
  worker.unref()
  const send = (request: Request, buffers: ArrayBuffer[]) => worker.postMessage(request, buffers)
  const arrivals = new Arrivals(worker)

  let active = false
  /** The place of the chunk that comes next in the current stream, when nothing is asked anew. */
  let next: { epoch: number; step: number } | undefined
  let inUse: Slot | undefined

  const giveBack = () => {
    if (inUse !== undefined) send({ kind: 'return', stream: arrivals.stream, slot: inUse }, buffersOf(inUse))
    inUse = undefined
  }

  const start = (epoch: number, step: number) => {
    arrivals.begin()
    inUse = undefined
    const fresh = Array.from({ length: slots }, (): Slot => batcher.allocate())
    send({ kind: 'start', stream: arrivals.stream, epoch, step, slots: fresh }, fresh.flatMap(buffersOf))
  }

  return {
    batchSize: batcher.batchSize,
    stepsPerEpoch: batcher.stepsPerEpoch,
    length: batcher.length,
    columns: batcher.columns,
    ragged: batcher.ragged,
    ...(batcher.entries !== undefined && { entries: batcher.entries }),
    async *epoch(epoch, fromStep = 0): AsyncGenerator<Chunk> {
      if (active)
        throw new Error('This loader is already being iterated: end that iteration first, or make another loader.')
      active = true
      try {
        for (const expected of batcher.plan(fromStep, epoch)) {
          arrivals.check()
          if (next?.epoch !== epoch || next.step !== expected.step) start(epoch, expected.step)
          else giveBack()
          next = undefined
          const chunk = await arrivals.next()
          inUse = chunk.slot
          const after = chunk.plan.step + chunk.plan.steps
          next = after < batcher.stepsPerEpoch ? { epoch, step: after } : { epoch: epoch + 1, step: 0 }
          yield chunkOf(batcher, chunk.slot.memory, chunk.slot.indices, epoch, chunk.plan)
        }
      } finally {
        active = false
      }
    },
    close: () => arrivals.close(),
  }
}
