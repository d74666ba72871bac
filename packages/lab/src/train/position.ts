// Where a training stands: all that a run needs beside its tensors to go on as if it had not been interrupted.
import { isBetter } from '../experiment/metric.ts'
import type { Checkpoint } from '../runs/run-store.ts'
import type { Metrics, Task } from '../tasks/task.ts'
import { meanLosses, noSums, savedSums, type StepSums } from './sums.ts'

/** Metrics by the part of the data that they were measured on. */
export type MetricsByPart = Readonly<Record<string, Metrics>>

/** The best evaluation so far. */
export type Best = {
  readonly value: number
  readonly epoch: number
  readonly metrics: MetricsByPart
}

/** The part of a checkpoint's loop state that is the training loop's own. */
interface Saved {
  readonly epoch: number
  readonly stepInEpoch: number
  readonly globalStep: number
  readonly epochSums: StepSums
  readonly windowSums: StepSums
  readonly best: Best | null
  readonly metrics: MetricsByPart
  readonly seconds: number
}

export const now = () => performance.now() / 1000

/** Where a training stands. */
export class Position {
  epoch = 0
  stepInEpoch = 0
  globalStep = 0
  /** Over the epoch so far, and since the last point of the curve. */
  epochSums = noSums()
  windowSums = noSums()
  best: Best | null = null
  metrics: MetricsByPart = {}
  /** The step that this attempt began with. */
  readonly fromStep: number
  readonly #started = now()
  readonly #secondsBefore: number = 0

  constructor(resumed: Checkpoint['loop'] | undefined) {
    if (resumed) {
      const { seconds, epochSums, windowSums, ...rest } = resumed as unknown as Saved
      Object.assign(this, rest, { epochSums: savedSums(epochSums), windowSums: savedSums(windowSums) })
      this.#secondsBefore = seconds
    }
    this.fromStep = this.globalStep
  }

  /** Of all attempts. */
  get seconds(): number {
    return this.#secondsBefore + now() - this.#started
  }

  /** Seconds that a step has taken in this attempt, on average. */
  get pace(): number {
    return (now() - this.#started) / (this.globalStep - this.fromStep)
  }

  /** Over the epoch so far: `loss`, or `<phase>.loss` of each. */
  get meanLosses(): Metrics {
    return meanLosses(this.epochSums)
  }

  /** Whether no evaluation has been better for so many epochs; 0: there is no limit. */
  isOutOfPatience(patience: number): boolean {
    return patience > 0 && this.best !== null && this.epoch - this.best.epoch >= patience
  }

  /** Notes an evaluation at the end of an epoch. @returns whether it is the best so far */
  judge(metrics: MetricsByPart, epoch: number, chosenBy: string, { monitor }: Pick<Task<never>, 'monitor'>): boolean {
    this.metrics = metrics
    const value = metrics[chosenBy]?.[monitor.name] ?? Number.NaN
    const improved = this.best === null || isBetter(monitor, value, this.best.value)
    if (improved) this.best = { value, epoch, metrics }
    return improved
  }

  /** The position as a checkpoint keeps it. @param epoch passes that are done */
  saved(epoch: number): Checkpoint['loop'] {
    const { stepInEpoch, globalStep, epochSums, windowSums, best, metrics, seconds } = this
    return {
      epoch,
      stepInEpoch,
      globalStep,
      epochSums,
      windowSums,
      best,
      metrics,
      seconds,
    } satisfies Saved as unknown as Checkpoint['loop']
  }
}
