// CMA-ES: a normal distribution over the numeric parameters that learns the shape of the objective, generation by
// generation.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { symmetricEigen } from '../../analysis/embedding/symmetric-eigen.ts'
import { lossesOf } from '../pareto.ts'
import type { Choice, NumericDistribution } from '../space/distribution.ts'
import { fromUnit, toUnit } from '../space/unit-interval.ts'
import { normalQuantile } from '../../analysis/statistics/normal-quantile.ts'
import { fill, numericNames } from './numeric-part.ts'
import { trialDraws, type Draws, type Sampler } from './sampler.ts'

/** Options of {@link cmaEsSampler}. */
export interface CmaEsOptions {
  /** The first standard deviation as a part of each range. Default 1/6. */
  readonly sigma?: number
  /** Trials in a generation. Default 4 + floor(3 ln(d)) for d parameters. */
  readonly populationSize?: number
}

/** The strategy parameters, which depend on the dimension and the population alone. */
interface Constants {
  readonly lambda: number
  readonly weights: Float64Array
  readonly muEff: number
  readonly cSigma: number
  readonly dSigma: number
  readonly cc: number
  readonly c1: number
  readonly cMu: number
  /** The expected length of a standard normal vector. */
  readonly chi: number
}

/** The distribution of a generation: N(mean, sigma^2 C), with its evolution paths. */
interface CmaState {
  readonly generation: number
  readonly mean: Float64Array
  readonly sigma: number
  /** C, row-major. */
  readonly covariance: Float64Array
  readonly pathSigma: Float64Array
  readonly pathC: Float64Array
}

/** The default values of the tutorial's table 1, with negative weights (active CMA). */
export function cmaConstants(d: number, lambda = 4 + Math.floor(3 * Math.log(d))): Constants {
  const mu = Math.floor(lambda / 2)
  const raw = Array.from({ length: lambda }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1))
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const square = (values: readonly number[]) => sum(values.map(value => value * value))
  const positive = raw.slice(0, mu)
  const negative = raw.slice(mu)
  const muEff = sum(positive) ** 2 / square(positive)
  const muEffNegative = sum(negative) ** 2 / square(negative)
  const cc = (4 + muEff / d) / (d + 4 + (2 * muEff) / d)
  const c1 = 2 / ((d + 1.3) ** 2 + muEff)
  const cMu = Math.min(1 - c1 - 1e-8, (2 * (muEff - 2 + 1 / muEff)) / ((d + 2) ** 2 + muEff))
  const cSigma = (muEff + 2) / (d + muEff + 5)
  const alpha = Math.min(1 + c1 / cMu, 1 + (2 * muEffNegative) / (muEff + 2), (1 - c1 - cMu) / (d * cMu))
  const positiveSum = sum(raw.filter(value => value > 0))
  const negativeSum = -sum(raw.filter(value => value < 0))
  return {
    lambda,
    weights: Float64Array.from(raw, value => (value >= 0 ? value / positiveSum : (alpha * value) / negativeSum)),
    muEff, cSigma, cc, c1, cMu,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + cSigma,
    chi: Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d)),
  }
}

/** The start: the middle of the unit cube. */
export function cmaStart(d: number, sigma: number): CmaState {
  return {
    generation: 0,
    mean: new Float64Array(d).fill(0.5),
    sigma,
    pathSigma: new Float64Array(d),
    pathC: new Float64Array(d),
    covariance: Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0)),
  }
}

/** C = B diag(scales^2) B^T; `vectors` holds an eigenvector a row. */
function decompose(covariance: Float64Array, d: number): { vectors: Float64Array; scales: Float64Array } {
  const { values, vectors } = symmetricEigen(covariance, d)
  return { vectors, scales: values.map(value => Math.sqrt(Math.max(value, 1e-20))) }
}

/** B diag(f(scales)) B^T v. */
function transform(
  { vectors, scales }: { vectors: Float64Array; scales: Float64Array },
  power: 1 | -1,
  v: Float64Array,
): Float64Array {
  const d = v.length
  const result = new Float64Array(d)
  for (let k = 0; k < d; k++) {
    let inner = 0
    for (let i = 0; i < d; i++) inner += (vectors[k * d + i] as number) * (v[i] as number)
    const scaled = inner * (scales[k] as number) ** power
    for (let i = 0; i < d; i++) result[i] = (result[i] as number) + scaled * (vectors[k * d + i] as number)
  }
  return result
}

const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, value) => sum + value * value, 0))

/**
 * The next generation's distribution.
 * @param ranked the generation's points in the unit cube, best first
 */
export function cmaUpdate(state: CmaState, ranked: readonly Float64Array[], constants: Constants): CmaState {
  const d = state.mean.length
  const { weights, muEff, cSigma, dSigma, cc, c1, cMu, chi } = constants
  const basis = decompose(state.covariance, d)
  const steps = ranked.map(point => point.map((value, i) => (value - (state.mean[i] as number)) / state.sigma))
  const mean = state.mean.slice()
  const step = new Float64Array(d)
  for (const [k, y] of steps.slice(0, Math.floor(constants.lambda / 2)).entries()) {
    for (let i = 0; i < d; i++) step[i] = (step[i] as number) + (weights[k] as number) * (y[i] as number)
  }
  for (let i = 0; i < d; i++) mean[i] = (mean[i] as number) + state.sigma * (step[i] as number)
  const whitened = transform(basis, -1, step)
  const pathSigma = state.pathSigma.map(
    (value, i) => (1 - cSigma) * value + Math.sqrt(cSigma * (2 - cSigma) * muEff) * (whitened[i] as number),
  )
  const length = norm(pathSigma)
  const sigma = Math.min(1e3, state.sigma * Math.exp((cSigma / dSigma) * (length / chi - 1)))
  const steady =
    length / Math.sqrt(1 - (1 - cSigma) ** (2 * (state.generation + 1))) < (1.4 + 2 / (d + 1)) * chi ? 1 : 0
  const pathC = state.pathC.map(
    (value, i) => (1 - cc) * value + steady * Math.sqrt(cc * (2 - cc) * muEff) * (step[i] as number),
  )
  // A negative weight must not make C lose its positive definiteness.
  const used = steps.map((y, k) => {
    const weight = weights[k] as number
    return weight >= 0 ? weight : (weight * d) / (norm(transform(basis, -1, y)) ** 2 + 1e-8)
  })
  const total = weights.reduce((a, b) => a + b, 0)
  const keep = 1 + c1 * (1 - steady) * cc * (2 - cc) - c1 - cMu * total
  const covariance = state.covariance.map((value, index) => {
    const i = Math.floor(index / d)
    const j = index % d
    let rankMu = 0
    for (const [k, y] of steps.entries()) rankMu += (used[k] as number) * (y[i] as number) * (y[j] as number)
    return keep * value + c1 * (pathC[i] as number) * (pathC[j] as number) + cMu * rankMu
  })
  return { generation: state.generation + 1, mean, sigma, covariance, pathSigma, pathC }
}

/** Draws a point of the unit cube, again and again while it lies outside, then clipped. */
export function cmaSample(state: CmaState, draw: Draws): Float64Array {
  const d = state.mean.length
  const basis = decompose(state.covariance, d)
  let point = state.mean
  for (let attempt = 0; attempt < 100; attempt++) {
    const z = Float64Array.from({ length: d }, () => normalQuantile(Math.min(1 - 2 ** -53, Math.max(2 ** -53, draw()))))
    const y = transform(basis, 1, z)
    point = state.mean.map((value, i) => value + state.sigma * (y[i] as number))
    if (point.every(value => value >= 0 && value <= 1)) return point
  }
  return point.map(value => Math.min(1, Math.max(0, value)))
}

const GENERATION = 'ddlf:cma:generation'

/**
 * CMA-ES over the numeric parameters that always exist; categorical and conditional ones are drawn randomly. A
 * generation ends when enough of its trials are complete, so workers may ask at once. For one objective. Source:
 * Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772, with its default constants.
 */
export function cmaEsSampler(options: CmaEsOptions = {}): Sampler {
  const { sigma = 1 / 6, populationSize } = checkOptions('cmaEsSampler', options, ['sigma', 'populationSize'])
  if (!(sigma > 0 && sigma <= 1))
    throw new UserError({
      rule: 'cmaEsSampler: sigma lies between 0 and 1.',
      received: String(sigma),
      next: 'Leave it out for 1/6.',
    })
  if (populationSize !== undefined && !(Number.isInteger(populationSize) && populationSize >= 4)) {
    throw new UserError({
      rule: 'cmaEsSampler: populationSize is a whole number from 4 on.',
      received: String(populationSize),
      next: 'Leave it out for 4 + 3 ln(d).',
    })
  }
  return {
    name: 'cma-es',
    suggest(question) {
      const { space, trials, directions } = question
      if (directions.length !== 1)
        throw new UserError({
          rule: 'CMA-ES has one objective.',
          received: `${directions.length} directions`,
          next: 'Take the tpe sampler.',
        })
      const names = numericNames(space)
      const params: Record<string, Choice> = {}
      if (names.length === 0) return { params: fill(question, params) }
      const constants = cmaConstants(names.length, populationSize)
      let state = cmaStart(names.length, sigma)
      for (;;) {
        const own = trials.filter(
          trial => trial.state === 'complete' && trial.systemAttributes[GENERATION] === state.generation,
        )
        if (own.length < constants.lambda) break
        const ranked = own
          .slice(0, constants.lambda)
          .sort((a, b) => (lossesOf(a, directions)[0] as number) - (lossesOf(b, directions)[0] as number))
        state = cmaUpdate(
          state,
          ranked.map(trial =>
            Float64Array.from(names, name => toUnit(space[name] as NumericDistribution, Number(trial.params[name]))),
          ),
          constants,
        )
      }
      const point = cmaSample(state, trialDraws(question, 'cma-es'))
      for (const [i, name] of names.entries())
        params[name] = fromUnit(space[name] as NumericDistribution, point[i] as number)
      return { params: fill(question, params), systemAttributes: { [GENERATION]: state.generation } }
    },
  }
}
