// What a study may cost, and what its trials have cost so far, counted from the journal alone.
import { continuedBy } from './continuation.ts'
import { EndedTrials } from './ended-trials.ts'
import type { Trial } from './trial.ts'

/** The most that a study may cost in all, whatever calls it takes. */
export interface StudyBudget {
  /** Settings tried. A trial that goes on after it was stopped early is not counted again. */
  readonly trials: number
  /** Epochs of training over all trials. */
  readonly epochs?: number
  /** Floating-point operations over all trials. */
  readonly flop?: number
  /** Seconds of training, summed over all trials. */
  readonly seconds?: number
  /** Seconds that this call may take; the only one that begins anew with every call. */
  readonly timeout?: number
}

/** What trials have cost. */
export type Spent = Required<Pick<StudyBudget, 'trials' | 'epochs' | 'flop' | 'seconds'>>

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const numberOf = (value: unknown, preset: number) =>
  typeof value === 'number' && Number.isFinite(value) ? value : preset

/**
 * Counts what the trials of a study have cost: each reported step once, whatever workers were lost over it. A step
 * costs what the trial's attributes `stepEpochs` (default 1) and `stepFlop` (default 0) say. A trial that waits costs
 * nothing.
 *
 * The list may grow, and its trials may go on; each trial that is over is looked at once, however often it is asked.
 */
export class BudgetTally {
  readonly #trials: readonly Trial[]
  readonly #ended: EndedTrials
  readonly #over: Mutable<Spent> = { trials: 0, epochs: 0, flop: 0, seconds: 0 }

  constructor(trials: readonly Trial[]) {
    this.#trials = trials
    this.#ended = new EndedTrials(trials)
  }

  get spent(): Spent {
    for (const trial of this.#ended.take()) this.#add(this.#over, trial)
    const sum = { ...this.#over }
    for (const trial of this.#ended.open) this.#add(sum, trial)
    return sum
  }

  #add(sum: Mutable<Spent>, trial: Trial): void {
    if (trial.state === 'waiting') return
    const earlier = this.#trials[continuedBy(trial) ?? -1]
    const steps = trial.intermediateValues.size - (earlier?.intermediateValues.size ?? 0)
    const { stepEpochs, stepFlop, seconds } = trial.userAttributes
    if (!earlier) sum.trials++
    sum.epochs += steps * numberOf(stepEpochs, 1)
    sum.flop += steps * numberOf(stepFlop, 0)
    sum.seconds += numberOf(seconds, 0) - numberOf(earlier?.userAttributes['seconds'], 0)
  }
}

/** What the trials of a study have cost, as a {@link BudgetTally} counts it. */
export const spentBudget = (trials: readonly Trial[]): Spent => new BudgetTally(trials).spent
