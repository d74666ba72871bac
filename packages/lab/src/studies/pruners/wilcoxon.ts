// The Wilcoxon pruner: for objectives that are means over seeds or folds, stops a trial that is significantly worse
// than the best.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { logNormalCdf } from '../samplers/truncated-normal.ts'
import { asLoss, type Trial } from '../trial.ts'
import { checkWhole } from './check-whole.ts'
import type { Pruner } from './pruner.ts'

/** Options of {@link wilcoxonPruner}; the defaults are Optuna's. */
export interface WilcoxonPrunerOptions {
  /** A trial is stopped below this p-value. Default 0.1. */
  readonly threshold?: number
  /** No trial is stopped before so many shared steps (at least 2). Default 2. */
  readonly startupSteps?: number
}

/**
 * The one-sided p-value of Wilcoxon's signed-rank test that the differences lie above zero; zeros are split between
 * both signs. Exact up to 50 differences (13 with ties or zeros), else by the normal approximation; the numbers are
 * scipy's. Source: Wilcoxon, "Individual comparisons by ranking methods", 1945; Pratt 1959.
 */
export function signedRankTest(differences: readonly number[]): number {
  const n = differences.length
  const order = differences.map((value, i) => ({ size: Math.abs(value), i })).sort((a, b) => a.size - b.size)
  const ranks = new Float64Array(n)
  let ties = 0
  for (let start = 0; start < n; ) {
    let end = start
    while (order[end]?.size === order[start]?.size && end < n) end++
    const count = end - start
    ties += count ** 3 - count
    for (let k = start; k < end; k++) ranks[order[k]?.i ?? 0] = (start + 1 + end) / 2
    start = end
  }
  let positive = 0
  let zeros = 0
  let fromZeros = 0
  for (const [i, value] of differences.entries()) {
    const rank = ranks[i] as number
    if (value > 0) positive += rank
    else if (value === 0) {
      positive += rank / 2
      fromZeros += rank / 2
      zeros++
    }
  }
  if (n <= (ties === 0 && zeros === 0 ? 50 : 13))
    return exactTail(
      ranks.filter((_, i) => differences[i] !== 0),
      positive - fromZeros,
    )
  const mean = (n * (n + 1)) / 4
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1) - ties / 2) / 24)
  return Math.exp(logNormalCdf(-(positive - mean) / deviation))
}

/**
 * The probability of a rank sum of at least `statistic` when the sign of every rank is a coin's; ranks are multiples of
 * a half.
 */
function exactTail(ranks: Float64Array, statistic: number): number {
  let probabilities = Float64Array.of(1)
  for (const rank of ranks) {
    const halves = Math.round(2 * rank)
    const next = new Float64Array(probabilities.length + halves)
    for (const [sum, probability] of probabilities.entries()) {
      next[sum] = (next[sum] as number) + probability / 2
      next[sum + halves] = (next[sum + halves] as number) + probability / 2
    }
    probabilities = next
  }
  return Math.min(
    1,
    probabilities.subarray(Math.round(2 * statistic)).reduce((sum, probability) => sum + probability, 0),
  )
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Each step is one seed or fold, the same in every trial, in any order; the trial's value is their mean. Compares the
 * running trial with the best one step by step.
 */
export function wilcoxonPruner(options: WilcoxonPrunerOptions = {}): Pruner {
  const { threshold = 0.1, startupSteps = 2 } = checkOptions('wilcoxonPruner', options, ['threshold', 'startupSteps'])
  checkWhole('wilcoxonPruner', { startupSteps }, 0)
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new UserError({
      rule: 'wilcoxonPruner: threshold lies between 0 and 1.',
      received: String(threshold),
      next: 'Leave it out for 0.1.',
    })
  }
  return {
    name: 'wilcoxon',
    decide({ trial, trials, direction }) {
      const losses = (of: Trial) =>
        new Map([...of.intermediateValues].map(([step, value]) => [step, asLoss(value, direction)]))
      const best = bestOf(trials, value => asLoss(value, direction))
      if (best === undefined) return { prune: false }
      const own = losses(trial)
      const others = losses(best)
      if (own.size === 0 || others.size === 0 || ![...own.values(), ...others.values()].every(Number.isFinite))
        return { prune: false }
      const differences = [...own].flatMap(([step, loss]) =>
        others.has(step) ? [loss - (others.get(step) as number)] : [],
      )
      if (differences.length < Math.max(2, startupSteps)) return { prune: false }
      // A trial whose mean is better is not stopped, whatever its ranks say.
      const ahead = mean([...own.values()]) <= mean([...others.values()])
      return { prune: !ahead && signedRankTest(differences) < threshold }
    },
  }
}

function bestOf(trials: readonly Trial[], loss: (value: number) => number): Trial | undefined {
  let best: Trial | undefined
  for (const trial of trials) {
    const value = trial.values?.[0]
    if (trial.state !== 'complete' || value === undefined) continue
    if (best === undefined || loss(value) < loss(best.values?.[0] ?? NaN)) best = trial
  }
  return best
}
