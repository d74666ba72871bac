// MNIST in the page, shard after shard: kept by the browser, unpacked in the worker, learned from as soon as the first
// is there.
import { datasetCard, type Dataset } from '@ddlf/data'
import { UserError } from '@ddlf/tensor'
import { keptFiles } from './kept-files.ts'
import { FILES, PIXELS, SHARDS, shardOrder, shardRange, TEST, TRAIN } from './mnist-shards.ts'

const dataset = (name: string, labels: Uint8Array, images: Uint8Array<ArrayBuffer>): Dataset => ({
  name,
  length: labels.length,
  classes: datasetCard('mnist').classes ?? [],
  columns: {
    images: { dtype: 'uint8', shape: [1, 28, 28], data: images },
    labels: { dtype: 'int32', shape: [], data: Int32Array.from(labels) },
  },
})

/** Which training digits are there. */
export interface Arrived {
  readonly digits: number
  readonly of: number
  /** Why no more are to come, where some are missing. */
  readonly trouble?: string
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Gives the content of a file of the folder, which holds so many bytes. */
type Fetched = (file: string, bytes: number) => Promise<Uint8Array>

/** The digits as they arrive. The data sets have their full length from the beginning: what is missing is blank. */
export class ArrivingMnist {
  readonly train: Dataset
  readonly test: Dataset
  readonly #order: Uint32Array
  readonly #images = { train: new Uint8Array(TRAIN * PIXELS), test: new Uint8Array(TEST * PIXELS) }
  readonly #fetched: Fetched
  readonly #onArrival: (arrived: Arrived) => void
  #shards = 0
  #hasTest = false
  #trouble: string | undefined
  #testThere = Promise.resolve()
  #settled = Promise.resolve()

  /**
   * @param labels of the training digits, then of the test digits
   * @param first the first shard
   */
  constructor(labels: Uint8Array, first: Uint8Array, fetched: Fetched, onArrival: (arrived: Arrived) => void) {
    const trainLabels = labels.subarray(0, TRAIN)
    this.#order = shardOrder(trainLabels)
    this.train = dataset('mnist/train', trainLabels, this.#images.train)
    this.test = dataset('mnist/test', labels.subarray(TRAIN), this.#images.test)
    this.#fetched = fetched
    this.#onArrival = onArrival
    this.#put(first)
    this.fetchRest()
  }

  /** Asks for what is missing. */
  fetchRest(): void {
    this.#trouble = undefined
    // One after the other, so that what is waited for first has the whole line.
    this.#testThere = this.#fetchTest()
    this.#settled = this.#testThere.then(() => this.#fetchTrain()).catch((error: unknown) => {
      this.#trouble = wordsOf(error)
      this.#onArrival(this.arrived)
    })
  }

  async #fetchTest(): Promise<void> {
    if (!this.#hasTest) this.#images.test.set(await this.#fetched(FILES.test, TEST * PIXELS))
    this.#hasTest = true
  }

  async #fetchTrain(): Promise<void> {
    while (this.#shards < SHARDS.length)
      this.#put(await this.#fetched(FILES.train(this.#shards), (SHARDS[this.#shards] ?? 0) * PIXELS))
  }

  #put(pixels: Uint8Array): void {
    const [from, to] = shardRange(this.#shards)
    this.#order.subarray(from, to).forEach((digit, i) => {
      this.#images.train.set(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), digit * PIXELS)
    })
    this.#shards++
    this.#onArrival(this.arrived)
  }

  /** Whether the test digits are there. */
  get hasTest(): boolean {
    return this.#hasTest
  }

  /** Fulfilled when the test digits are there. @throws UserError where they do not come */
  async testThere(): Promise<true> {
    await this.#testThere.catch((error: unknown) => {
      throw new UserError({
        rule: 'The test digits did not arrive, and without them no net is judged.',
        received: wordsOf(error),
        next: 'Train again when the network is back.',
      })
    })
    return true
  }

  /** Fulfilled when no more are to come; `arrived` says whether all did. */
  settled(): Promise<void> {
    return this.#settled
  }

  get arrived(): Arrived {
    const [digits] = shardRange(this.#shards)
    return { digits, of: TRAIN, ...(this.#trouble !== undefined && { trouble: this.#trouble }) }
  }

  /** The training digits that are there, ascending. */
  indices(): Int32Array {
    return Int32Array.from(this.#order.subarray(0, this.arrived.digits)).sort()
  }
}

/**
 * Fulfilled when the first shard is there.
 * @param folder address of the folder that holds the packed files
 * @param onProgress bytes of what is waited for
 * @param onArrival told of the first shard, of each that follows, and when no more come
 */
export async function fetchMnist(
  folder: string,
  onProgress: (loaded: number, total: number) => void,
  onArrival: (arrived: Arrived) => void,
): Promise<ArrivingMnist> {
  const files = await keptFiles(folder)
  const needed = [[FILES.labels, TRAIN + TEST], [FILES.train(0), SHARDS[0] * PIXELS]] as const
  const loaded = needed.map(() => ({ loaded: 0, total: 0 }))
  const [labels, first] = await Promise.all(needed.map(([name, bytes], i) => files.read(name, bytes, (...progress) => {
    loaded[i] = { loaded: progress[0], total: progress[1] }
    onProgress(loaded.reduce((sum, one) => sum + one.loaded, 0), loaded.reduce((sum, one) => sum + one.total, 0))
  })))
  const fetched: Fetched = (file, bytes) => files.read(file, bytes)
  return new ArrivingMnist(labels as Uint8Array, first as Uint8Array, fetched, onArrival)
}
