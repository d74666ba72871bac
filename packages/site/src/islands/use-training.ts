// A training in the page as a hook: its worker, what has been measured, and the runs before it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { FromWorker, Measurement, Snapshot, ToWorker } from '../workers/messages.ts'
import type { Arrived } from '../workers/mnist.ts'
import { nameWithDigits } from './digits-learned.ts'
import { startTrainer } from './fastest-way.ts'
import type { RunMeasured } from './live-curves.tsx'
import {
  arrivingStatus, loadingStatus, statusAfter, STOPPED_EARLY, type Begun, type Status,
} from './training-status.ts'

/** Earlier runs that stay in the charts: with the present one as many as there are colours. */
const MOST_EARLIER = 4

/** What a training begins with. */
export interface Prepared {
  readonly key: string
  readonly message: ToWorker
}

export interface Training {
  readonly status: Status
  readonly measurements: readonly Measurement[]
  /** Runs before, the oldest first. */
  readonly earlier: readonly RunMeasured[]
  /** What the present run is called. */
  readonly name: string
  readonly snapshot: Snapshot | undefined
  readonly prediction: { readonly probabilities: readonly number[]; readonly saliency: Float32Array } | undefined
  readonly example: { readonly pixels: Uint8Array; readonly label: number } | undefined
  readonly graph: { readonly svg: string; readonly text: string } | undefined
  /** Which training digits are there. */
  readonly arrived: Arrived | undefined
  readonly send: (message: ToWorker) => void
  /**
   * @param prepare gives what computes, and what it is told; another `key` replaces the worker, because kernels are
   * loaded once a worker
   */
  readonly begin: (name: string, prepare: (signal: AbortSignal) => Promise<Prepared>) => Promise<void>
}

export function useTraining(): Training {
  const [status, setStatus] = useState<Status>({ phase: 'idle', text: 'Ready.', share: 0 })
  const [measurements, setMeasurements] = useState<readonly Measurement[]>([])
  const [earlier, setEarlier] = useState<readonly RunMeasured[]>([])
  const [name, setName] = useState('')
  const [snapshot, setSnapshot] = useState<Snapshot>()
  const [prediction, setPrediction] = useState<Training['prediction']>()
  const [example, setExample] = useState<Training['example']>()
  const [graph, setGraph] = useState<Training['graph']>()
  const [arrived, setArrived] = useState<Arrived>()
  const begun = useRef<Begun>({ steps: 1, at: 0 })
  const worker = useRef<{ readonly key: string; readonly thread: Worker } | undefined>(undefined)
  useEffect(() => () => worker.current?.thread.terminate(), [])

  const workerFor = (key: string): Worker => {
    if (worker.current?.key === key) return worker.current.thread
    worker.current?.thread.terminate()
    const thread = startTrainer()
    thread.onmessage = hear
    thread.onerror = event =>
      setStatus({ phase: 'failed', text: `The trainer could not start: ${event.message}`, share: 0 })
    worker.current = { key, thread }
    return thread
  }
  const preparing = useRef<AbortController>(undefined)
  const send = (message: ToWorker) => {
    if (message.kind === 'stop' && preparing.current) preparing.current.abort()
    else (worker.current?.thread ?? workerFor('wasm 1')).postMessage(message)
  }
  const hear = ({ data: message }: MessageEvent<FromWorker>) => {
    // What arrives after a run was stopped begins none.
    if (message.kind === 'data') setStatus(before => (before.phase === 'loading' ? loadingStatus(message) : before))
    else if (message.kind === 'stopped') setStatus(STOPPED_EARLY)
    else if (message.kind === 'arrived') {
      setArrived(message.arrived)
      setStatus(before => (before.phase === 'loading' ? arrivingStatus(message.arrived) : before))
    } else if (message.kind === 'measurements') setMeasurements(before => [...before, ...message.measurements])
    else if (message.kind === 'snapshot') setSnapshot(message.snapshot)
    else if (message.kind === 'graph') setGraph(message)
    else if (message.kind === 'prediction') setPrediction(message)
    else if (message.kind === 'measured') return
    else if (message.kind === 'example') {
      setExample(message)
      send({ kind: 'predict', pixels: message.pixels })
    } else setStatus(before => statusAfter(message.event, begun.current) ?? before)
  }
  const begin = async (next: string, prepare: (signal: AbortSignal) => Promise<Prepared>) => {
    if (measurements.length > 0) {
      const run = { name: nameWithDigits(name, measurements), measurements }
      setEarlier(before => [...before, run].slice(-MOST_EARLIER))
    }
    setName(next)
    setMeasurements([])
    setSnapshot(undefined)
    setPrediction(undefined)
    setStatus({ phase: 'loading', text: 'Loading the program, and trying what trains fastest ...', share: 0 })
    const asked = (preparing.current = new AbortController())
    const { key, message } = await prepare(asked.signal)
    preparing.current = undefined
    if (asked.signal.aborted) {
      setStatus(STOPPED_EARLY)
      return
    }
    setStatus({ phase: 'loading', text: 'Loading the program ...', share: 0 })
    workerFor(key).postMessage(message)
  }
  return { status, measurements, earlier, name, snapshot, prediction, example, graph, arrived, send, begin }
}
