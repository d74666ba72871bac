// Where trainings run: one interface, whether in a process of their own, in a pool, or on many machines.
import type { Training } from './training-events.ts'
import type { TrainingJob } from './training-job.ts'

/** A job that an executor has taken. */
export interface ExecutedTraining extends Training {
  /**
   * Resolves when nothing of the job runs any more. A run whose trainer died (out of memory, a crash in native code,
   * kill -9) is marked failed with the reason by then.
   */
  readonly ended: Promise<void>
}

/** Runs trainings apart from the process that asks for them, so that one that dies takes nothing with it. */
export interface Executor {
  /** Takes a job. Mistakes, and the death of the trainer, arrive as a `failed` event. */
  start(job: TrainingJob): ExecutedTraining
  /** The jobs under way. */
  readonly running: number
  /**
   * Asks all jobs to save a checkpoint and stop, waits for them, and ends those that take longer than the executor's
   * patience.
   */
  close(): Promise<void>
}
