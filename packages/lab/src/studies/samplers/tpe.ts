// The tree-structured Parzen estimator with the defaults of Optuna 5.
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { fromInternal, isSingle, toInternal, type Choice, type Distribution } from '../space/distribution.ts'
import type { Params, Space } from '../space/space.ts'
import type { Trial } from '../trial.ts'
import { drawFromMixture, mixtureLogDensity, parzenEstimator } from './parzen.ts'
import { drawRandomly } from './random.ts'
import { suggestByGroup, trialDraws, type Sampler, type SamplerQuestion } from './sampler.ts'
import { splitTrials } from './split-trials.ts'

/** Options of {@link tpeSampler}; the defaults are Optuna 5's. */
export interface TpeOptions {
  /** Random trials before the model is used. Default 10. */
  readonly startupTrials?: number
  /** Points drawn from the good trials' density, of which the most promising is taken. Default 24. */
  readonly candidates?: number
  /**
   * Whether parameters that exist under the same condition are modelled together. Default: with one objective yes, with
   * several no.
   */
  readonly multivariate?: boolean
}

/**
 * Proposes where good trials are dense and others are not: draws candidates from the density of the best tenth of the
 * trials, and takes the one at which its ratio to the density of the rest is greatest.
 *
 * Conditional parameters are modelled in groups: those under the same condition together, by the trials that had them.
 * Source: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011, as in Optuna 5.
 */
export function tpeSampler(options: TpeOptions = {}): Sampler {
  const {
    startupTrials = 10,
    candidates = 24,
    multivariate,
  } = checkOptions('tpeSampler', options, {
    startupTrials: kinds.whole(0), candidates: kinds.whole(1), multivariate: kinds.flag,
  })
  return {
    name: 'tpe',
    suggest(question) {
      const { space, trials, directions } = question
      const finished = trials.filter(trial => trial.state === 'complete' || trial.state === 'pruned')
      if (finished.length < startupTrials)
        return { params: suggestByGroup(space, names => drawRandomly(question, space, names)) }
      const split = splitTrials(trials, directions)
      const together = multivariate ?? directions.length === 1
      const params = suggestByGroup(space, names => {
        const fixed = names.filter(name => isSingle(space[name] as Distribution))
        const varied = names.filter(name => !fixed.includes(name))
        const groups = together ? [varied] : varied.map(name => [name])
        return Object.assign(
          {},
          drawRandomly(question, space, fixed),
          ...groups.map(group => suggestGroup(question, group, split, candidates)),
        ) as Params
      })
      return { params }
    },
  }
}

function suggestGroup(
  question: SamplerQuestion,
  names: readonly string[],
  split: { below: Trial[]; above: Trial[] },
  candidates: number,
): Params {
  if (names.length === 0) return {}
  const distributions = names.map(name => question.space[name] as Distribution)
  const below = parzenEstimator(distributions, observations(question.space, names, split.below))
  const above = parzenEstimator(distributions, observations(question.space, names, split.above))
  const draw = trialDraws(question, 'tpe', ...names)
  const points = Array.from({ length: candidates }, () => drawFromMixture(below, draw))
  const good = mixtureLogDensity(below, points)
  const rest = mixtureLogDensity(above, points)
  let best = 0
  for (let i = 1; i < points.length; i++)
    if ((good[i] as number) - (rest[i] as number) > (good[best] as number) - (rest[best] as number)) best = i
  return Object.fromEntries(
    names.map((name, i): [string, Choice] => [
      name,
      fromInternal(distributions[i] as Distribution, points[best]?.[i] ?? 0),
    ]),
  )
}

/** For each parameter its values in the trials that had them all; today's range need not hold them. */
function observations(space: Space, names: readonly string[], trials: readonly Trial[]): Float64Array[] {
  const rows = trials.flatMap(trial => {
    const row = names.map(name =>
      Object.hasOwn(trial.params, name) ? toInternal(space[name] as Distribution, trial.params[name] as Choice) : NaN,
    )
    return row.every((value, i) => isUsable(space[names[i] as string] as Distribution, value)) ? [row] : []
  })
  return names.map((_, i) => Float64Array.from(rows, row => row[i] as number))
}

/** A choice that exists, or a number whose logarithm can be taken where it must be. */
const isUsable = (distribution: Distribution, value: number) =>
  distribution.kind === 'categorical' ? value >= 0 : Number.isFinite(value) && (!distribution.log || value > 0)
