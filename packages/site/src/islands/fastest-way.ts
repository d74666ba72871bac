// What trains a net fastest in this browser, so many threads of the processor or the graphics card: measured by a few
// steps of each before the first training, because what pays depends on the net, the machine, and what else it does.
import type { FromWorker, Provider, ToWorker } from '../workers/messages.ts'

/** Starts the worker that trains. */
export const startTrainer = (): Worker =>
  new Worker(new URL('../workers/train-worker.ts', import.meta.url), { type: 'module' })

/** What a reader asks for: one of the two, or what is fastest. */
export type AskedProvider = Provider | 'fastest'

/** What computes a training. */
export interface Way {
  readonly provider: Provider
  /** Threads of the processor; 1 where the graphics card computes. */
  readonly threads: number
}

/** A way, and how fast it was. */
export interface MeasuredWay extends Way {
  readonly stepsPerSecond: number
}

/** What a browser offers. */
export interface Machine {
  /** Whether the page may share memory between threads. */
  readonly isIsolated: boolean
  readonly processors: number
  readonly hasGpu: boolean
}

const MOST_THREADS = 4
/**
 * Weights times examples of a batch from which on the graphics card is tried. Below it starting a step's kernels takes
 * longer than the processor takes for the step, and its program is several megabytes to fetch.
 */
const WORTH_A_CARD = 10_000_000

/** Numbers of threads worth a try: one alone where the page may share no memory between threads. */
export function threadsToTry({ isIsolated, processors }: Pick<Machine, 'isIsolated' | 'processors'>): number[] {
  if (!isIsolated) return [1]
  return [...new Set([1, 2, Math.min(MOST_THREADS, processors)])].filter(count => count <= Math.max(1, processors))
}

/**
 * Products of a perceptron's step: weights times examples of a batch.
 * @param hidden units of each hidden layer
 */
export function productsOf(hidden: readonly number[], batchSize: number): number {
  const sizes = [784, ...hidden, 10]
  return batchSize * sizes.slice(1).reduce((sum, units, i) => sum + units * (sizes[i] ?? 0), 0)
}

/** The ways worth a try, the cheapest first. @param products of a step */
export function waysToTry(asked: AskedProvider, machine: Machine, products: number): Way[] {
  const card: Way = { provider: 'webgpu', threads: 1 }
  if (asked === 'webgpu') return [card]
  const threads = threadsToTry(machine).map((count): Way => ({ provider: 'wasm', threads: count }))
  return asked === 'fastest' && machine.hasGpu && products >= WORTH_A_CARD ? [...threads, card] : threads
}

/** The fastest; of equals the first, which is the cheaper; one thread where nothing was measured. */
export function fastest(measured: readonly MeasuredWay[]): Way {
  const none: MeasuredWay = { provider: 'wasm', threads: 1, stepsPerSecond: 0 }
  const { provider, threads } = measured.reduce(
    (best, one) => (one.stepsPerSecond > best.stepsPerSecond ? one : best), none,
  )
  return { provider, threads }
}

/** Steps a second; 0 where it cannot be measured. */
function measure(message: Extract<ToWorker, { kind: 'measure' }>, signal: AbortSignal): Promise<number> {
  const worker = startTrainer()
  return new Promise<number>(resolve => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'measured') resolve(data.stepsPerSecond)
      else if (data.kind === 'event' && data.event.kind === 'failed') resolve(0)
    }
    worker.onerror = () => resolve(0)
    signal.addEventListener('abort', () => resolve(0))
    worker.postMessage(message)
  }).finally(() => worker.terminate())
}

const known = new Map<string, Promise<readonly MeasuredWay[]>>()

async function measureAll(
  experiment: string,
  settings: readonly string[],
  ways: readonly Way[],
  signal: AbortSignal,
): Promise<readonly MeasuredWay[]> {
  const measured: MeasuredWay[] = []
  // One after the other: at once they would take the processors from each other.
  for (const way of ways) {
    if (signal.aborted) break
    const stepsPerSecond = await measure({ kind: 'measure', experiment, settings, ...way }, signal)
    measured.push({ ...way, stepsPerSecond })
  }
  return measured
}

/** The perceptron and its batch, from which a step's work follows. */
export interface StepForm {
  readonly hidden: readonly number[]
  readonly batchSize: number
}

/**
 * Measures once for each form of net.
 * @returns nothing measured where there is only one way
 */
export async function chooseWay(
  experiment: string,
  settings: readonly string[],
  { hidden, batchSize }: StepForm,
  { asked, hasGpu }: { readonly asked: AskedProvider; readonly hasGpu: boolean },
  signal: AbortSignal,
): Promise<{ readonly way: Way; readonly measured: readonly MeasuredWay[] }> {
  const machine = {
    isIsolated: globalThis.crossOriginIsolated, processors: navigator.hardwareConcurrency, hasGpu,
  }
  const ways = waysToTry(asked, machine, productsOf(hidden, batchSize))
  const [only] = ways
  if (ways.length === 1 && only) return { way: only, measured: [] }
  const form = [asked, batchSize, ...hidden].join()
  const measuring = known.get(form) ?? measureAll(experiment, settings, ways, signal)
  known.set(form, measuring)
  const measured = await measuring
  if (signal.aborted) known.delete(form)
  return { way: fastest(measured), measured }
}
