// Hyperband: several ladders of successive halving side by side, from eager to patient; each trial belongs to one.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { firstNumber } from '../continuation.ts'
import { lastStep, type Trial } from '../trial.ts'
import { checkWhole } from './check-whole.ts'
import type { Pruner } from './pruner.ts'
import { climb, promotable } from './successive-halving.ts'

/** Options of {@link hyperbandPruner}; the defaults are Optuna's. */
export interface HyperbandOptions {
  /** The step of the first rung of the most eager bracket. Default 1. */
  readonly minResource?: number
  /**
   * The steps of a full trial. Default: those of the longest complete trial; until there is one, nothing is stopped.
   */
  readonly maxResource?: number
  /** One of so many goes on. Default 3. */
  readonly reductionFactor?: number
}

/** CRC-32 (IEEE 802.3) of a text in UTF-8. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

/** How many trials each bracket gets, relative to the others. */
const shares = (brackets: number, factor: number) =>
  Array.from({ length: brackets }, (_, bracket) =>
    Math.ceil((brackets * factor ** (brackets - 1 - bracket)) / (brackets - bracket)),
  )

/**
 * The bracket of a trial: dealt by a checksum of the study's name and the trial's number, as Optuna does. One that goes
 * on stays in its bracket.
 */
function bracketOf(study: string, trial: Trial, budgets: readonly number[]): number {
  let n = crc32(`${study}_${firstNumber(trial)}`) % budgets.reduce((sum, budget) => sum + budget, 0)
  return budgets.findIndex(budget => (n -= budget) < 0)
}

/**
 * Source: Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 2018, as in
 * Optuna.
 */
export function hyperbandPruner(options: HyperbandOptions = {}): Pruner {
  const {
    minResource = 1,
    maxResource,
    reductionFactor = 3,
  } = checkOptions('hyperbandPruner', options, ['minResource', 'maxResource', 'reductionFactor'])
  checkWhole('hyperbandPruner', { minResource }, 1)
  checkWhole('hyperbandPruner', { reductionFactor }, 2)
  if (maxResource !== undefined) checkWhole('hyperbandPruner', { maxResource }, 1)
  if (maxResource !== undefined && maxResource < minResource) {
    throw new UserError({
      rule: 'hyperbandPruner: maxResource is at least minResource.',
      received: `${maxResource}, below ${minResource}`,
      next: 'Give the steps of a full trial.',
    })
  }
  /** How many trials each bracket gets; none until a full trial's steps are known. */
  const budgetsOf = (trials: readonly Trial[]): readonly number[] => {
    const longest = maxResource ?? longestComplete(trials)
    if (longest === undefined) return []
    // The small addend keeps log(27) / log(3) from being 2.9999999999999996.
    const brackets = Math.max(1, Math.floor(Math.log(longest / minResource) / Math.log(reductionFactor) + 1e-9) + 1)
    return shares(brackets, reductionFactor)
  }
  return {
    name: 'hyperband',
    decide({ trial, trials, direction, study }) {
      const budgets = budgetsOf(trials)
      if (budgets.length === 0) return { prune: false }
      const bracket = bracketOf(study, trial, budgets)
      const peers = trials.filter(other => bracketOf(study, other, budgets) === bracket)
      return climb(trial, peers, direction, { first: minResource, reductionFactor, minEarlyStoppingRate: bracket })
    },
    // The most eager bracket first: it has stopped most.
    promote({ trials, direction, study }) {
      const budgets = budgetsOf(trials)
      for (const bracket of budgets.keys()) {
        const peers = trials.filter(other => bracketOf(study, other, budgets) === bracket)
        const found = promotable(peers, direction, reductionFactor)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/**
 * The steps of a full trial, from the first trial that completed with reports: later ones must not move the brackets.
 * (Steps counted from 0: one more than the last.)
 */
function longestComplete(trials: readonly Trial[]): number | undefined {
  const complete = trials.filter(trial => trial.state === 'complete' && trial.intermediateValues.size > 0)
  const first = complete.sort(
    (a, b) => (a.completedAt ?? '').localeCompare(b.completedAt ?? '') || a.number - b.number,
  )[0]
  return first === undefined ? undefined : (lastStep(first) ?? 0) + 1
}
