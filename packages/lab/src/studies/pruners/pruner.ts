// What a pruner is: a pure function that says whether a running trial is to be stopped.
import type { Direction, Trial } from '../trial.ts'

/** All that a pruner may look at. */
export interface PrunerQuestion {
  /** The running trial, with what it has reported. */
  readonly trial: Trial
  /** All trials of the study by number, the running one included. */
  readonly trials: readonly Trial[]
  readonly direction: Direction
  /** The name of the study: Hyperband deals its trials to brackets by it. */
  readonly study: string
}

/** The answer. */
export interface PrunerDecision {
  readonly prune: boolean
  /** What the pruner wants to find again in the trial, for example the rungs it has passed. */
  readonly systemAttributes?: Readonly<Record<string, number>>
}

/** Decides at a report whether a trial goes on. */
export interface Pruner {
  readonly name: string
  decide(question: PrunerQuestion): PrunerDecision
  /** The number of a pruned trial that would not be stopped any more, for the others turned out worse. */
  promote?(question: Omit<PrunerQuestion, 'trial'>): number | undefined
}

/** Never stops a trial. */
export const noPruner = (): Pruner => ({ name: 'none', decide: () => ({ prune: false }) })
