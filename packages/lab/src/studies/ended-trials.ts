// Trials as they end, so that what is counted of them is counted once, however many there are.
import { isFinished, type Trial } from './trial.ts'

/** Looks at a list of trials that may grow, and whose trials may go on; each that is over is given once. */
export class EndedTrials {
  readonly #trials: readonly Trial[]
  #open: Trial[] = []
  #seen = 0

  constructor(trials: readonly Trial[]) {
    this.#trials = trials
  }

  /** Those that were not over when {@link take} was last asked. */
  get open(): readonly Trial[] {
    return this.#open
  }

  /** Those that are over and were not given before. */
  take(): Trial[] {
    const found = [...this.#open, ...this.#trials.slice(this.#seen)]
    this.#seen = this.#trials.length
    this.#open = found.filter(trial => !isFinished(trial))
    return found.filter(isFinished)
  }
}
