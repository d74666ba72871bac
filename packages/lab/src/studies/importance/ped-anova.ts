// PED-ANOVA: how much each parameter decides whether a trial is among the best, from one-dimensional densities.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { mixtureLogDensity, type Kernels } from '../samplers/parzen.ts'
import {
  intRange,
  isSingle,
  toInternal,
  type Choice,
  type Distribution,
  type NumericDistribution,
} from '../space/distribution.ts'
import { distributionToOptuna } from '../space/optuna-distribution.ts'
import { asLoss, directionKind, type Direction, type Trial } from '../trial.ts'

/** Options of {@link pedAnova}. */
export interface PedAnovaOptions {
  /** Default `minimize`. */
  readonly direction?: Direction
  /** Which objective, from 0. Default 0. */
  readonly objective?: number
  /** The part of the trials that counts as good. Default 0.1, at least one trial; ties with the last are in. */
  readonly targetQuantile?: number
}

/** The most cells of the grid that a numeric range is laid over. */
const CELLS = 50

/**
 * The importance of every parameter of the complete trials, greatest first: Pearson's divergence between the density of
 * the good trials and that of all, as shares that sum to 1 (all 0 where nothing tells good trials from others). Where a
 * parameter exists in some trials only, those with it and those without are compared among themselves.
 * @returns shares; empty with fewer than two complete trials of finite value
 * Source: Watanabe, Bansal and Hutter, "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
 * subspaces", IJCAI 2023, as in Optuna 5 (Scott's rule for the bandwidth).
 */
export function pedAnova(trials: readonly Trial[], options: PedAnovaOptions = {}): Record<string, number> {
  const {
    direction = 'minimize',
    objective = 0,
    targetQuantile = 0.1,
  } = checkOptions('pedAnova', options, {
    direction: directionKind, objective: kinds.whole(0), targetQuantile: kinds.number,
  })
  if (!(targetQuantile > 0 && targetQuantile < 1)) {
    throw new UserError({
      rule: 'pedAnova: targetQuantile lies between 0 and 1.',
      received: String(targetQuantile),
      next: 'Leave it out for 0.1.',
    })
  }
  const complete = trials.filter(trial => trial.state === 'complete' && trial.values?.every(Number.isFinite) === true)
  checkObjective('pedAnova', complete, objective)
  if (complete.length < 2) return {}
  const loss = (trial: Trial) => asLoss(trial.values?.[objective] ?? NaN, direction)
  const sorted = complete.map(loss).sort((a, b) => a - b)
  const cutoff = sorted[Math.ceil(targetQuantile * sorted.length) - 1] as number
  const top = new Set(complete.filter(trial => loss(trial) <= cutoff))
  const names = [...new Set(complete.flatMap(trial => Object.keys(trial.distributions)))]
  const importance = names.map((name): [string, number] => {
    let sum = 0
    for (const regime of regimes(name, complete)) {
      const [first] = regime
      const distribution = first?.distributions[name]
      const good = regime.filter(trial => top.has(trial))
      if (!distribution || isSingle(distribution) || good.length === 0) continue
      sum +=
        ((good.length / top.size) ** 2 / (regime.length / complete.length)) *
        divergence(distribution, valuesOf(name, good), valuesOf(name, regime))
    }
    return [name, sum]
  })
  const total = importance.reduce((sum, [, value]) => sum + value, 0) || 1
  return Object.fromEntries(
    importance.map(([name, value]): [string, number] => [name, value / total]).sort((a, b) => b[1] - a[1]),
  )
}

/** @throws UserError where trials that are complete have fewer objectives */
export function checkObjective(owner: string, complete: readonly Trial[], objective: number): void {
  const count = complete[0]?.values?.length ?? Infinity
  if (objective < count) return
  throw new UserError({
    rule: `${owner}: objective is the number of an objective of the trials, from 0.`,
    received: `${objective}, and trials with ${count === 1 ? 'one objective' : `${count} objectives`}`,
    next: 'Leave it out for the first.',
  })
}

/** The trials by the distribution of a parameter (or its absence), leaving out those that stand alone. */
function regimes(name: string, trials: readonly Trial[]): Trial[][] {
  const byDistribution = new Map<string, Trial[]>()
  // The trials of a journal share their distributions.
  const written = new Map<Distribution | undefined, string>([[undefined, '']])
  for (const trial of trials) {
    const distribution = trial.distributions[name]
    const key = written.get(distribution) ?? (distribution ? distributionToOptuna(distribution) : '')
    written.set(distribution, key)
    const regime = byDistribution.get(key)
    if (regime) regime.push(trial)
    else byDistribution.set(key, [trial])
  }
  return [...byDistribution.values()].filter(regime => regime.length >= 2)
}

const valuesOf = (name: string, trials: readonly Trial[]) => trials.map(trial => trial.params[name] as Choice)

/** Pearson's divergence of the density of `good` from that of `all`, on a grid. */
function divergence(distribution: Distribution, good: readonly Choice[], all: readonly Choice[]): number {
  const target = densityOnGrid(distribution, good)
  const region = densityOnGrid(distribution, all)
  let sum = 0
  for (const [i, density] of region.entries())
    sum += (density + 1e-12) * (((target[i] ?? 0) + 1e-12) / (density + 1e-12) - 1) ** 2
  return sum
}

/** How many cells the grid of a numeric range has. */
function cellsOf({ kind, low, high, log, step }: NumericDistribution): number {
  if (kind === 'int' && log) return Math.min(Math.ceil(Math.log2(high - low + 1)) + 1, CELLS)
  return step === null ? CELLS : Math.min(Math.round((high - low) / step) + 1, CELLS)
}

/** The smoothed probability of each choice or cell. */
function densityOnGrid(distribution: Distribution, values: readonly Choice[]): Float64Array {
  const cells = distribution.kind === 'categorical' ? distribution.choices.length : cellsOf(distribution)
  const counts = new Float64Array(cells)
  for (const value of values) {
    const cell =
      distribution.kind === 'categorical' ? toInternal(distribution, value) : cellOf(distribution, Number(value), cells)
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  const occupied = [...counts.keys()].filter(cell => (counts[cell] ?? 0) > 0)
  const weights = Float64Array.from([...occupied.map(cell => counts[cell] ?? 0), 1])
  const total = values.length + 1
  const kernels =
    distribution.kind === 'categorical'
      ? categorical(distribution, occupied)
      : numeric(occupied, weights.subarray(0, -1), cells)
  const mixture = { weights: weights.map(weight => weight / total), kernels: [kernels] }
  return mixtureLogDensity(mixture, Array.from({ length: cells }, (_, cell) => [cell])).map(Math.exp)
}

function cellOf({ low, high, log }: NumericDistribution, value: number, cells: number): number {
  const scale = (x: number) => (log ? Math.log(x) : x)
  const width = (scale(high) - scale(low)) / (cells - 1)
  return Math.min(cells - 1, Math.max(0, Math.ceil((scale(value) - scale(low)) / width - 0.5)))
}

function categorical(distribution: Distribution & { kind: 'categorical' }, occupied: readonly number[]): Kernels {
  const choices = distribution.choices.length
  const kernels = occupied.length + 1
  const probabilities = Float64Array.from({ length: kernels * choices }, (_, i) => {
    const row = Math.floor(i / choices)
    if (row === occupied.length) return 1 / choices
    return ((occupied[row] === i % choices ? 1 : 0) + 1 / kernels) / (1 + choices / kernels)
  })
  return { distribution, probabilities }
}

/**
 * A kernel at each occupied cell with the bandwidth of Scott's rule, at least half a cell wide at 90 %, and a wide
 * prior.
 */
function numeric(occupied: readonly number[], weights: Float64Array, cells: number): Kernels {
  const n = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = occupied.reduce((sum, cell, i) => sum + cell * (weights[i] ?? 0), 0) / n
  const variance =
    occupied.reduce((sum, cell, i) => sum + (cell - mean) ** 2 * (weights[i] ?? 0), 0) / Math.max(1, n - 1)
  const cumulative: number[] = []
  for (const weight of weights) cumulative.push((cumulative.at(-1) ?? 0) + weight)
  const quarter = cumulative.findIndex(sum => sum >= Math.floor(n / 4))
  const threeQuarters = cumulative.findIndex(sum => sum > Math.floor((n * 3) / 4))
  const range = (occupied[threeQuarters < 0 ? occupied.length - 1 : threeQuarters] ?? 0) - (occupied[quarter] ?? 0)
  const scott = 1.059 * Math.min(range / 1.34, Math.sqrt(variance)) * n ** -0.2
  const sigma = Math.max(scott, 0.5 / 1.64)
  return {
    distribution: intRange(0, cells - 1),
    mu: Float64Array.from([...occupied, (cells - 1) / 2]),
    sigma: Float64Array.from([...occupied.map(() => sigma), cells]),
    low: -0.5,
    high: cells - 0.5,
  }
}
