// How many threads train a net fastest in this browser: measured by a few steps of each number before the first
// training, because what pays depends on the net, the processor, and what else it does.
import type { FromWorker, ToWorker } from '../workers/messages.ts'

/** Starts the worker that trains. */
export const startTrainer = (): Worker =>
  new Worker(new URL('../workers/train-worker.ts', import.meta.url), { type: 'module' })

/** What was measured. */
export interface MeasuredThreads {
  readonly threads: number
  readonly stepsPerSecond: number
}

const MOST = 4
const NONE: MeasuredThreads = { threads: 1, stepsPerSecond: 0 }

/** Numbers of threads worth a try: one alone where the page may share no memory between threads. */
export function threadsToTry(isIsolated: boolean, processors: number): number[] {
  if (!isIsolated) return [1]
  return [...new Set([1, 2, Math.min(MOST, processors)])].filter(count => count <= Math.max(1, processors))
}

/** The fastest; of equals the first, which are the fewer threads. */
export const fastest = (measured: readonly MeasuredThreads[]): number =>
  measured.reduce((best, one) => (one.stepsPerSecond > best.stepsPerSecond ? one : best), NONE).threads

/** Steps a second with a number of threads; 0 where it cannot be measured. */
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

const known = new Map<string, Promise<readonly MeasuredThreads[]>>()

async function measureAll(
  experiment: string,
  settings: readonly string[],
  counts: readonly number[],
  signal: AbortSignal,
): Promise<readonly MeasuredThreads[]> {
  const measured: MeasuredThreads[] = []
  // One after the other: at once they would take the processors from each other.
  for (const threads of counts) {
    const stepsPerSecond = await measure({ kind: 'measure', experiment, settings, provider: 'wasm', threads }, signal)
    measured.push({ threads, stepsPerSecond })
  }
  return measured
}

/**
 * Measures once for each form of net.
 * @param form what a step's work follows from: layers and batch
 * @returns nothing where there is only one number to try
 */
export async function measureThreads(
  experiment: string,
  settings: readonly string[],
  form: string,
  signal: AbortSignal,
): Promise<readonly MeasuredThreads[]> {
  const counts = threadsToTry(globalThis.crossOriginIsolated, navigator.hardwareConcurrency)
  if (counts.length < 2) return []
  const measuring = known.get(form) ?? measureAll(experiment, settings, counts, signal)
  known.set(form, measuring)
  const measured = await measuring
  if (signal.aborted) known.delete(form)
  return measured
}
