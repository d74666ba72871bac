// MNIST in the page, shard after shard: kept by the browser, unpacked in the worker, learned from as soon as the first
// is there.
import { datasetCard, type Dataset } from '@ddlf/data'
import { UserError } from '@ddlf/tensor'
import { readAll, unpack } from './bytes.ts'
import { FILES, PIXELS, SHARDS, shardOrder, shardRange, TEST, TRAIN } from './mnist-shards.ts'

const CACHE = 'mnist-2'
const CACHES_BEFORE = ['mnist-1']

async function fetchKept(address: string): Promise<Response> {
  // Absent where the page is neither on the loopback address nor served over TLS.
  const cache = 'caches' in globalThis ? await caches.open(CACHE) : undefined
  const kept = await cache?.match(address)
  if (kept) return kept
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`)
  if (cache) await cache.put(address, response.clone())
  return response
}

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

  /** @throws UserError where the test digits do not come */
  async testThere(): Promise<void> {
    await this.#testThere.catch((error: unknown) => {
      throw new UserError({
        rule: 'The test digits did not arrive, and without them no net is judged.',
        received: wordsOf(error),
        next: 'Train again when the network is back.',
      })
    })
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
  if ('caches' in globalThis) await Promise.all(CACHES_BEFORE.map(name => caches.delete(name)))
  const read = async (response: Response, bytes: number, onBytes: (count: number) => void = () => undefined) => {
    const whole = await unpack(await readAll(response, onBytes))
    if (whole.length !== bytes) throw new Error(`${response.url} holds ${whole.length} bytes, not ${bytes}`)
    return whole
  }
  const needed = [[FILES.labels, TRAIN + TEST], [FILES.train(0), SHARDS[0] * PIXELS]] as const
  const responses = await Promise.all(needed.map(([name]) => fetchKept(`${folder}${name}`)))
  const total = responses.reduce((sum, response) => sum + Number(response.headers.get('content-length') ?? 0), 0)
  let loaded = 0
  const [labels, first] = await Promise.all(
    responses.map((response, i) => read(response, needed[i]?.[1] ?? 0, count => onProgress((loaded += count), total))),
  )
  const fetched: Fetched = async (file, bytes) => read(await fetchKept(`${folder}${file}`), bytes)
  return new ArrivingMnist(labels as Uint8Array, first as Uint8Array, fetched, onArrival)
}
