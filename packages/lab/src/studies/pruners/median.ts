// The median pruner: stops a trial whose best value so far is worse than the median of the others at the same step.
import { checkOptions } from '@ddlf/tensor/errors'
import { extremes, quantile } from '../../analysis/statistics/descriptive.ts'
import { asLoss, lastStep } from '../trial.ts'
import { checkWhole } from './check-whole.ts'
import type { Pruner } from './pruner.ts'

/** Options of {@link medianPruner}; the defaults are Optuna's. */
export interface MedianPrunerOptions {
  /** No trial is stopped before so many are complete. Default 5. */
  readonly startupTrials?: number
  /** No trial is stopped before this step. Default 0. */
  readonly warmupSteps?: number
  /** Steps between two looks, from the warm-up on. Default 1. */
  readonly intervalSteps?: number
  /** A step counts only where so many complete trials reported it. Default 1. */
  readonly minTrials?: number
}

/** Source: Golovin et al., "Google Vizier: a service for black-box optimization", KDD 2017 (median stopping rule). */
export function medianPruner(options: MedianPrunerOptions = {}): Pruner {
  const { startupTrials = 5, warmupSteps = 0, intervalSteps = 1, minTrials = 1 } =
    checkOptions('medianPruner', options, ['startupTrials', 'warmupSteps', 'intervalSteps', 'minTrials'])
  checkWhole('medianPruner', { startupTrials, warmupSteps }, 0)
  checkWhole('medianPruner', { intervalSteps, minTrials }, 1)
  return {
    name: 'median',
    decide({ trial, trials, direction }) {
      const step = lastStep(trial)
      const complete = trials.filter(other => other.state === 'complete')
      if (step === undefined || complete.length === 0 || complete.length < startupTrials || step < warmupSteps)
        return { prune: false }
      // One look an interval: the first report in it.
      const intervalStart = Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps + warmupSteps
      if ([...trial.intermediateValues.keys()].some(earlier => earlier !== step && earlier >= intervalStart))
        return { prune: false }
      const own = [...trial.intermediateValues.values()]
        .filter(value => !Number.isNaN(value))
        .map(value => asLoss(value, direction))
      if (own.length === 0) return { prune: true }
      const others = complete.flatMap(other => other.intermediateValues.get(step) ?? [])
      if (others.length < minTrials) return { prune: false }
      const comparable = others.filter(value => !Number.isNaN(value)).map(value => asLoss(value, direction))
      return { prune: comparable.length > 0 && extremes(own)[0] > quantile(comparable, 0.5) }
    },
  }
}
