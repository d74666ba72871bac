// Asynchronous successive halving: at rungs of growing length, only the best part of the trials that came so far goes
// on.
import { checkOptions } from '@ddlf/tensor/errors'
import { extremes } from '../../analysis/statistics/descriptive.ts'
import { asLoss, lastStep, type Direction, type Trial } from '../trial.ts'
import { checkWhole } from './check-whole.ts'
import type { Pruner, PrunerDecision } from './pruner.ts'

/** Options of {@link successiveHalvingPruner}; the defaults are Optuna's. */
export interface SuccessiveHalvingOptions {
  /**
   * The step of the first rung. Default: a hundredth of the longest complete trial's steps, at least 1; until there is
   * one, nothing is stopped.
   */
  readonly minResource?: number
  /** One of so many goes on, and the next rung is so many times as far. Default 4. */
  readonly reductionFactor?: number
  /** Leaves out the first so many rungs. Default 0. */
  readonly minEarlyStoppingRate?: number
}

/** The name of a rung's attribute, as Optuna writes it, so that both read the other's journals. */
const rungKey = (rung: number) => `completed_rung_${rung}`

/** Source: Li et al., "A system for massively parallel hyperparameter tuning" (ASHA), MLSys 2020, as in Optuna. */
export function successiveHalvingPruner(options: SuccessiveHalvingOptions = {}): Pruner {
  const { minResource, reductionFactor = 4, minEarlyStoppingRate = 0 } =
    checkOptions('successiveHalvingPruner', options, ['minResource', 'reductionFactor', 'minEarlyStoppingRate'])
  if (minResource !== undefined) checkWhole('successiveHalvingPruner', { minResource }, 1)
  checkWhole('successiveHalvingPruner', { reductionFactor }, 2)
  checkWhole('successiveHalvingPruner', { minEarlyStoppingRate }, 0)
  return {
    name: 'successive-halving',
    decide({ trial, trials, direction }) {
      const first = minResource ?? estimateResource(trials)
      return first === undefined
        ? { prune: false }
        : climb(trial, trials, direction, { first, reductionFactor, minEarlyStoppingRate })
    },
    promote: ({ trials, direction }) => promotable(trials, direction, reductionFactor),
  }
}

/** The first rung, from what complete trials reported. */
function estimateResource(trials: readonly Trial[]): number | undefined {
  const steps = trials.filter(trial => trial.state === 'complete').flatMap(trial => lastStep(trial) ?? [])
  return steps.length === 0 ? undefined : Math.max(Math.floor(extremes(steps)[1] / 100), 1)
}

/**
 * Passes the rungs that the trial's last step has reached, noting its value at each, until it falls behind or has to
 * run on.
 */
export function climb(
  trial: Trial,
  trials: readonly Trial[],
  direction: Direction,
  ladder: { first: number; reductionFactor: number; minEarlyStoppingRate: number },
): PrunerDecision {
  const step = lastStep(trial)
  if (step === undefined) return { prune: false }
  const value = trial.intermediateValues.get(step) ?? NaN
  const systemAttributes: Record<string, number> = {}
  let rung = 0
  while (Object.hasOwn(trial.systemAttributes, rungKey(rung))) rung++
  for (; step >= ladder.first * ladder.reductionFactor ** (ladder.minEarlyStoppingRate + rung); rung++) {
    if (Number.isNaN(value)) return { prune: true, systemAttributes }
    const key = rungKey(rung)
    systemAttributes[key] = value
    const competing = trials.flatMap(other =>
      other.number !== trial.number && typeof other.systemAttributes[key] === 'number'
        ? [other.systemAttributes[key]]
        : [],
    )
    if (!isPromotable(value, [...competing, value], ladder.reductionFactor, direction))
      return { prune: true, systemAttributes }
  }
  return { prune: false, systemAttributes }
}

/** Whether a value is among the best 1/factor of all (among few: whether it is the best). */
function isPromotable(value: number, all: number[], factor: number, direction: Direction): boolean {
  const last = Math.max(0, Math.floor(all.length / factor) - 1)
  all.sort((a, b) => a - b)
  return direction === 'maximize' ? value >= (all[all.length - 1 - last] as number) : value <= (all[last] as number)
}

/** Whether what a trial reported last is no number: it was stopped for that, and comes no further. */
function isLost(trial: Trial): boolean {
  const step = lastStep(trial)
  return step !== undefined && Number.isNaN(trial.intermediateValues.get(step))
}

/**
 * The best pruned trial that is among the best 1/factor of its last rung by now; of the highest such rung. One that
 * went on from there and came to no number is not let go on again, though it keeps its place among the best.
 */
export function promotable(
  trials: readonly Trial[],
  direction: Direction,
  factor: number,
): number | undefined {
  const reached = (trial: Trial, rung: number) => trial.systemAttributes[rungKey(rung)]
  const value = (trial: Trial, rung: number) => asLoss(reached(trial, rung) as number, direction)
  let rung = 0
  while (trials.some(trial => typeof reached(trial, rung) === 'number')) rung++
  while (--rung >= 0) {
    const here = trials.filter(trial => typeof reached(trial, rung) === 'number')
    const best = here.toSorted((a, b) => value(a, rung) - value(b, rung)).slice(0, Math.floor(here.length / factor))
    const waits = (trial: Trial) => trial.state === 'pruned' && reached(trial, rung + 1) === undefined
    const found = best.find(trial => waits(trial) && !isLost(trial))
    if (found) return found.number
  }
  return undefined
}
