// What a training run tells those who listen: the terminal, the run store and the page hear the same events.
import { UserError, type UserErrorParts } from '@ddlf/tensor/errors'
import type { Metric } from '../experiment/metric.ts'
import { ChangedSince } from '../runs/changed-since.ts'
import { DiskFull } from '../runs/disk-full.ts'
import type { Metrics } from '../tasks/task.ts'

/** Own data are being read. */
export interface LoadingEvent {
  readonly kind: 'loading'
  /** What is read, in the plural: `pictures`. */
  readonly items: string
  readonly done: number
  readonly total: number
}

/** The run begins (or goes on, from step `fromStep`). */
export interface StartEvent {
  readonly kind: 'start'
  readonly experiment: string
  readonly run: string
  readonly dataset: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly parameters: number
  readonly trainExamples: number
  readonly stepsPerEpoch: number
  readonly totalSteps: number
  readonly epochs: number
  readonly fromStep: number
  readonly runtime: string
  /** The parts of the data that evaluations report on, in order. */
  readonly splits: readonly string[]
  /** What the task measures; the first that is measured is the one that lists show. */
  readonly metrics: readonly Metric[]
  /** What a user should know of this run beyond its settings. */
  readonly notes: readonly string[]
  /** Floating-point operations of one training step, counted over its matrix products. */
  readonly flopPerStep: number
}

/** Some steps are done. */
export interface StepEvent {
  readonly kind: 'step'
  /** Steps done since the run began. */
  readonly step: number
  readonly epoch: number
  readonly stepInEpoch: number
  /** Mean loss of the epoch so far, of the first phase where a step has several. */
  readonly loss: number
  /** The same as `loss`, or of each of several phases as `<phase>.loss`. */
  readonly losses: Metrics
  readonly learningRate: number
  readonly samplesPerSecond: number
  /** Seconds left, estimated from this attempt's pace. */
  readonly secondsLeft: number
}

/** The model is being evaluated, which takes a while: told every now and then. */
export interface JudgingEvent {
  readonly kind: 'judging'
  /** Of the data, as in `splits`. */
  readonly part: string
  /** Examples. */
  readonly done: number
  readonly total: number
}

/** A whole pass over the training data is done and the model was evaluated. */
export interface EvaluationEvent {
  readonly kind: 'evaluation'
  readonly epoch: number
  readonly step: number
  /** By split: `train` (running means over the epoch), `validation`, `test`. */
  readonly metrics: Readonly<Record<string, Metrics>>
  readonly learningRate: number
  readonly samplesPerSecond: number
  readonly seconds: EpochSeconds
}

/** Where the wall time of an epoch went, in seconds. */
export interface EpochSeconds {
  readonly total: number
  /** Inside the compiled training step. */
  readonly step: number
  /** Inside the compiled evaluation. */
  readonly evaluation: number
  /** Waiting for the loader. */
  readonly loader: number
}

/** The state was saved. */
export interface CheckpointEvent {
  readonly kind: 'checkpoint'
  readonly step: number
  readonly best: boolean
}

/** The run ended by itself or was asked to stop. */
export interface DoneEvent {
  readonly kind: 'done'
  readonly status: 'completed' | 'stopped'
  readonly reason: string
  readonly step: number
  readonly metrics: Readonly<Record<string, Metrics>>
  readonly seconds: number
  /** What is wrong and what to try, where the run learned nothing. */
  readonly advice?: string
}

/** The run ended by an error. */
export interface FailedEvent {
  readonly kind: 'failed'
  readonly message: string
  /** Set for mistakes a user can mend: they are shown without a stack. */
  readonly parts?: UserErrorParts
  /** Set where a run was not gone on with, for something had changed since its checkpoint. */
  readonly changed?: true
  /** Set where the disk is full. */
  readonly full?: true
  readonly stack?: string
}

/** Seconds between two events of loading, and before the first. */
const LOADING_SECONDS = 0.5

/** Makes events of the progress of loading: none where it is over at once. */
export function loadingEvents(
  tell: (event: LoadingEvent) => void,
  now: () => number = () => performance.now(),
): (progress: Omit<LoadingEvent, 'kind'>) => void {
  let last = now()
  return progress => {
    if (now() - last < 1000 * LOADING_SECONDS) return
    last = now()
    tell({ kind: 'loading', ...progress })
  }
}

/** An error as an event, so that it can cross a thread. */
export const failedEvent = (error: unknown): FailedEvent => ({
  kind: 'failed',
  message: error instanceof Error ? error.message : String(error),
  ...(error instanceof UserError && { parts: error.parts }),
  ...(error instanceof ChangedSince && { changed: true }),
  ...(error instanceof DiskFull && { full: true }),
  ...(error instanceof Error && error.stack !== undefined && { stack: error.stack }),
})

/** The error that an event brought: of the same kind, where somebody acts on that. */
export function errorOf({ message, parts, changed, full, stack }: FailedEvent): Error {
  if (!parts) return Object.assign(new Error(message), stack !== undefined && { stack })
  return changed ? new ChangedSince(parts) : full ? new DiskFull(parts) : new UserError(parts)
}

export type TrainEvent =
  LoadingEvent | StartEvent | StepEvent | JudgingEvent | EvaluationEvent | CheckpointEvent | DoneEvent | FailedEvent
