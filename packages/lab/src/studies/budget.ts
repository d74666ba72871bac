// What a study may cost, and what its trials have cost so far, counted from the journal alone.
import { continuedBy } from './continuation.ts'
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

const numberOf = (value: unknown, preset: number) =>
  typeof value === 'number' && Number.isFinite(value) ? value : preset

/**
 * What the trials of a study have cost: each reported step once, whatever workers were lost over it. A step costs what
 * the trial's attributes `stepEpochs` (default 1) and `stepFlop` (default 0) say.
 */
export function spentBudget(trials: readonly Trial[]): Spent {
  const spent = { trials: 0, epochs: 0, flop: 0, seconds: 0 }
  for (const trial of trials) {
    const earlier = trials[continuedBy(trial) ?? -1]
    const steps = trial.intermediateValues.size - (earlier?.intermediateValues.size ?? 0)
    const { stepEpochs, stepFlop, seconds } = trial.userAttributes
    if (!earlier) spent.trials++
    spent.epochs += steps * numberOf(stepEpochs, 1)
    spent.flop += steps * numberOf(stepFlop, 0)
    spent.seconds += numberOf(seconds, 0) - numberOf(earlier?.userAttributes['seconds'], 0)
  }
  return spent
}
