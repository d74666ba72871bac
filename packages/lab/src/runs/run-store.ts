// Where a training loop puts what it finds: the small interface, and the one that lives in memory (a page, a test).
import { checkOptions } from '@ddlf/tensor/errors'
import type { Json } from './exact-json.ts'
import type { Measurement } from './metrics-log.ts'
import type { RunStatus } from './run-record.ts'
import type { WrittenSummary } from './run-summary.ts'
import type { NamedTensor } from './safetensors.ts'

/** Where the loop stands. What else it needs to go on (schedule, early stopping, best metric) goes in as JSON. */
export interface LoopState {
  /** Whole passes over the training data that are done. */
  readonly epoch: number
  /** Steps done in the current pass. */
  readonly stepInEpoch: number
  /** Optimizer steps done since the run began. */
  readonly globalStep: number
  readonly [name: string]: Json
}

/**
 * Everything a run needs to go on bit for bit: tensors by name (parameters, buffers, slots, averages) and the loop's
 * state.
 */
export interface Checkpoint {
  readonly tensors: Readonly<Record<string, NamedTensor>>
  readonly loop: LoopState
}

/** `last` is where a run resumes, `best` the one with the best metric so far, `step-N` those kept on the way. */
export type CheckpointName = 'last' | 'best' | `step-${number}`

/** What the loop measured at one step. */
export interface MetricRow {
  readonly step: number
  readonly epoch: number
  readonly values: Readonly<Record<string, number>>
}

/** How a run ended by itself. `stopped`: it was asked to stop and can be resumed. */
export interface RunEnd {
  readonly status: Extract<RunStatus, 'completed' | 'stopped'>
  /** One line for the record, for example `early stopping at epoch 12`; the status where left out. */
  readonly reason?: string
  readonly summary: WrittenSummary
}

/**
 * One running attempt of one run. All methods are synchronous: when they return, the arrays that were given may change.
 * A resumed run keeps exactly the metrics that were written before its checkpoint was saved and drops the later ones.
 * So a loop writes all that it measures at a step before it saves the checkpoint of that step, or its loop state says
 * what is still to be measured; then no line is lost and none is doubled.
 */
export interface RunStore {
  /** `<experiment>/<id>` */
  readonly name: string
  /** The checkpoint to go on from; undefined for a fresh start. */
  readonly resumeFrom: Checkpoint | undefined
  appendMetrics(row: MetricRow): void
  /** The distribution of some values (weights, gradients) at a step. */
  appendHistogram(row: { readonly step: number; readonly tag: string; readonly values: ArrayLike<number> }): void
  /** A picture as the bytes of a PNG file. */
  appendImage(row: { readonly step: number; readonly tag: string; readonly png: Uint8Array }): void
  /** Saves the state as `last`, and also as `best` on request. */
  saveCheckpoint(checkpoint: Checkpoint, options?: { readonly best?: boolean }): void
  loadCheckpoint(name: CheckpointName): Checkpoint | undefined
  /** Keeps a file with the run, for example a report or an exported model. */
  writeArtifact(name: string, content: Uint8Array | string): void
  finish(end: RunEnd): void
  /** Records that the attempt ended by an error. Never throws. */
  fail(error: unknown): void
}

/** A run that lives in memory, with what was stored open to look at. */
export interface MemoryRunStore extends RunStore {
  readonly metrics: Measurement[]
  readonly artifacts: Map<string, Uint8Array | string>
  status: RunStatus
  summary: WrittenSummary
}

const copyCheckpoint = ({ tensors, loop }: Checkpoint): Checkpoint => ({
  tensors: Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  ),
  loop: structuredClone(loop),
})

/**
 * A {@link RunStore} in memory: for a page and for tests. Histograms and images are dropped.
 * @param options `resumeFrom` continues from a checkpoint; `now` gives Unix seconds (the system clock by default)
 */
export function memoryRunStore(
  name: string,
  options: { resumeFrom?: Checkpoint; now?: () => number } = {},
): MemoryRunStore {
  checkOptions('memoryRunStore', options, ['resumeFrom', 'now'])
  const { resumeFrom, now = () => Date.now() / 1000 } = options
  const checkpoints = new Map<CheckpointName, Checkpoint>()
  const store: MemoryRunStore = {
    name,
    resumeFrom,
    metrics: [],
    artifacts: new Map(),
    status: 'running',
    summary: {},
    appendMetrics: ({ step, epoch, values }) => {
      const wallTime = now()
      for (const [metric, value] of Object.entries(values))
        store.metrics.push({ step, epoch, wallTime, name: metric, value })
    },
    appendHistogram: () => undefined,
    appendImage: () => undefined,
    saveCheckpoint: (checkpoint, { best = false } = {}) => {
      const copy = copyCheckpoint(checkpoint)
      checkpoints.set('last', copy)
      if (best) checkpoints.set('best', copy)
    },
    loadCheckpoint: wanted => {
      const checkpoint = checkpoints.get(wanted)
      return checkpoint && copyCheckpoint(checkpoint)
    },
    writeArtifact: (file, content) => store.artifacts.set(file, content),
    finish: ({ status, summary }) => {
      store.status = status
      store.summary = summary
    },
    fail: () => {
      store.status = 'failed'
    },
  }
  return store
}
