// A Gaussian process with expected improvement: for small numeric spaces, where every trial is dear.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { randomKey } from '@ddlf/tensor/random'
import { lossesOf } from '../pareto.ts'
import type { Choice, NumericDistribution } from '../space/distribution.ts'
import { fromUnit, toUnit } from '../space/unit-interval.ts'
import { fill, numericNames } from './numeric-part.ts'
import { trialDraws, type Draws, type Sampler } from './sampler.ts'
import { sobolSequence } from './sobol.ts'
import { logNormalCdf, logNormalPdf } from './truncated-normal.ts'

/** Options of {@link gaussianProcessSampler}. */
export interface GaussianProcessOptions {
  /** Quasi-random trials before the model is used. Default 10. */
  readonly startupTrials?: number
}

/** The hyperparameters: a length scale for each dimension and the noise's variance as a part of the signal's. */
export interface KernelParameters {
  readonly lengthScales: Float64Array
  readonly noise: number
}

/** A fitted process over standardised losses. */
export interface GaussianProcess {
  readonly parameters: KernelParameters
  /** The log marginal likelihood, with the signal's variance at its best value. */
  readonly logLikelihood: number
  /** Mean and standard deviation (of the function, without noise) at a point of the unit cube. */
  predict(point: ArrayLike<number>): { mean: number; deviation: number }
}

const SQRT5 = Math.sqrt(5)

/** The Matern 5/2 kernel of variance 1. */
function matern(a: ArrayLike<number>, b: ArrayLike<number>, lengthScales: Float64Array): number {
  let square = 0
  for (let i = 0; i < lengthScales.length; i++)
    square += (((a[i] as number) - (b[i] as number)) / (lengthScales[i] as number)) ** 2
  const r = SQRT5 * Math.sqrt(square)
  return (1 + r + (r * r) / 3) * Math.exp(-r)
}

/** The lower triangle L with L L^T = matrix; undefined where the matrix is not positive definite. */
function cholesky(matrix: Float64Array, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] as number
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number)
      if (i === j && !(sum > 0)) return undefined
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / (l[j * n + j] as number)
    }
  }
  return l
}

/** Solves L x = b. */
function solveLower(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number
    for (let k = 0; k < i; k++) sum -= (l[i * n + k] as number) * (x[k] as number)
    x[i] = sum / (l[i * n + i] as number)
  }
  return x
}

/**
 * The process of some points with given hyperparameters; the signal's variance maximises the likelihood in closed form.
 * Source: Rasmussen and Williams, "Gaussian processes for machine learning", 2006, algorithm 2.1.
 * @param points in the unit cube
 * @returns undefined where the kernel's matrix is numerically singular
 */
export function gaussianProcess(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
  parameters: KernelParameters,
): GaussianProcess | undefined {
  const n = points.length
  const { lengthScales, noise } = parameters
  const kernel = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++)
      kernel[i * n + j] =
        matern(points[i] as ArrayLike<number>, points[j] as ArrayLike<number>, lengthScales) + (i === j ? noise : 0)
  }
  const l = cholesky(kernel, n)
  if (!l) return undefined
  const whitened = solveLower(l, n, values)
  const variance = Math.max(1e-12, whitened.reduce((sum, value) => sum + value * value, 0) / n)
  let logDeterminant = 0
  for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(l[i * n + i] as number)
  return {
    parameters,
    logLikelihood: -0.5 * (n * Math.log(variance) + logDeterminant + n + n * Math.log(2 * Math.PI)),
    predict(point) {
      const v = solveLower(
        l,
        n,
        Float64Array.from(points, other => matern(point, other, lengthScales)),
      )
      let mean = 0
      let explained = 0
      for (let i = 0; i < n; i++) {
        mean += (v[i] as number) * (whitened[i] as number)
        explained += (v[i] as number) ** 2
      }
      return { mean, deviation: Math.sqrt(variance * Math.max(1e-12, 1 - explained)) }
    },
  }
}

/** A weak prior that keeps length scales near the size of the cube and noise small; log densities up to constants. */
const logPrior = ({ lengthScales, noise }: KernelParameters) =>
  lengthScales.reduce((sum, scale) => sum - 0.5 * ((Math.log(scale) - Math.log(0.5)) / 1) ** 2, 0) -
  0.5 * ((Math.log(noise) - Math.log(1e-4)) / 3) ** 2

/** Hyperparameters by the marginal likelihood with a weak prior: a pattern search over their logarithms. */
export function fitGaussianProcess(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
): GaussianProcess | undefined {
  const d = points[0]?.length ?? 0
  const fit = (log: Float64Array) => {
    const parameters = { lengthScales: log.slice(0, d).map(Math.exp), noise: Math.exp(log[d] as number) }
    const process = gaussianProcess(points, values, parameters)
    return { log, process, score: process ? process.logLikelihood + logPrior(parameters) : -Infinity }
  }
  let best = fit(Float64Array.from({ length: d + 1 }, (_, i) => Math.log(i < d ? 0.5 : 1e-4)))
  for (let step = 1; step > 0.1; step /= 2) {
    for (let i = 0; i <= d; i++) {
      for (const direction of [step, -step]) {
        const log = best.log.slice()
        log[i] = Math.min(i < d ? 2.5 : 0, Math.max(i < d ? -4 : -14, (log[i] as number) + direction))
        const tried = fit(log)
        if (tried.score > best.score) best = tried
      }
    }
  }
  return best.process
}

/**
 * The logarithm of the expected improvement below `best`, finite also where the improvement itself underflows.
 * Source: Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023.
 */
export function logExpectedImprovement(mean: number, deviation: number, best: number): number {
  const z = (best - mean) / deviation
  // E = deviation * (phi(z) + z Phi(z)); below, phi(z) (1 + z Phi(z) / phi(z)) with Mills' ratio from logarithms.
  if (z > -1) return Math.log(deviation) + Math.log(Math.exp(logNormalPdf(z)) + z * Math.exp(logNormalCdf(z)))
  const rest = z < -1e4 ? 1 / (z * z) : -Math.expm1(Math.log(-z) + logNormalCdf(z) - logNormalPdf(z))
  return Math.log(deviation) + logNormalPdf(z) + Math.log(Math.max(rest, 1e-300))
}

/** Most trials that the model is fitted to: the latest and the best; the work grows with the cube. */
const MOST_POINTS = 200

/**
 * A Gaussian process (Matern 5/2, a length scale for each parameter) over the numeric parameters that always exist, and
 * the point of greatest log expected improvement; categorical and conditional parameters are drawn randomly. For one
 * objective and up to ten parameters. Running trials count with the value that is expected of them.
 */
export function gaussianProcessSampler(options: GaussianProcessOptions = {}): Sampler {
  const { startupTrials = 10 } = checkOptions('gaussianProcessSampler', options, { startupTrials: kinds.whole(0) })
  return {
    name: 'gaussian-process',
    suggest(question) {
      const { space, trials, directions, seed, number } = question
      if (directions.length !== 1)
        throw new UserError({
          rule: 'The Gaussian process has one objective.',
          received: `${directions.length} directions`,
          next: 'Take the tpe sampler.',
        })
      const names = numericNames(space)
      if (names.length > 10)
        throw new UserError({
          rule: 'The Gaussian process serves up to ten numeric parameters.',
          received: String(names.length),
          next: 'Take the tpe or the cma-es sampler.',
        })
      if (names.length === 0) return { params: fill(question, {}) }
      const toPoint = (params: Readonly<Record<string, Choice>>) =>
        Float64Array.from(names, name => toUnit(space[name] as NumericDistribution, Number(params[name])))
      const usable = trials.filter(trial => names.every(name => Object.hasOwn(trial.params, name)))
      const known = usable.flatMap(trial => {
        const loss = trial.state === 'complete' ? (lossesOf(trial, directions)[0] as number) : Infinity
        return Number.isFinite(loss) ? [{ point: toPoint(trial.params), loss }] : []
      })
      const start = sobolSequence(names.length, randomKey(seed, 'study', 'gaussian-process'))
      const point =
        known.length < Math.max(2, startupTrials)
          ? start(number)
          : propose(
              thinned(known),
              usable.filter(trial => trial.state === 'running').map(trial => toPoint(trial.params)),
              index => start(2 ** 16 + index),
              trialDraws(question, 'gaussian-process'),
            )
      const params = Object.fromEntries(
        names.map((name, i): [string, Choice] => [
          name,
          fromUnit(space[name] as NumericDistribution, point[i] as number),
        ]),
      )
      return { params: fill(question, params) }
    },
  }
}

interface Known {
  readonly point: Float64Array
  readonly loss: number
}

function thinned(known: readonly Known[]): readonly Known[] {
  if (known.length <= MOST_POINTS) return known
  const best = [...known].sort((a, b) => a.loss - b.loss).slice(0, MOST_POINTS / 2)
  return [...new Set([...best, ...known.slice(-MOST_POINTS / 2)])]
}

/**
 * The point of greatest log expected improvement: the best of many even ones and of steps around the best trial, then
 * refined.
 */
function propose(
  known: readonly Known[],
  running: readonly Float64Array[],
  even: (index: number) => Float64Array,
  draw: Draws,
): Float64Array {
  const losses = known.map(({ loss }) => loss)
  const mean = losses.reduce((a, b) => a + b, 0) / losses.length
  const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / losses.length) || 1
  const values = losses.map(loss => (loss - mean) / deviation)
  const points = known.map(({ point }) => point)
  const fitted = fitGaussianProcess(points, values)
  const offset = Math.floor(draw() * 2 ** 16)
  if (!fitted) return even(offset)
  // A running trial is taken to give what is expected of it, so that the next one goes elsewhere.
  const believed = running.map(point => fitted.predict(point).mean)
  const process =
    running.length === 0
      ? fitted
      : (gaussianProcess([...points, ...running], [...values, ...believed], fitted.parameters) ?? fitted)
  const best = Math.min(...values)
  const score = (point: Float64Array) => {
    const at = process.predict(point)
    return logExpectedImprovement(at.mean, at.deviation, best)
  }
  const incumbent = points[values.indexOf(best)] as Float64Array
  const near = (radius: number, centre: Float64Array) =>
    centre.map(value => Math.min(1, Math.max(0, value + radius * (2 * draw() - 1))))
  const candidates = [
    ...Array.from({ length: 256 }, (_, i) => even(offset + i)),
    ...Array.from({ length: 64 }, (_, i) => near(0.3 * 0.9 ** i, incumbent)),
  ]
  let chosen = { point: incumbent, value: -Infinity }
  const consider = (point: Float64Array) => {
    const value = score(point)
    if (value > chosen.value) chosen = { point, value }
  }
  for (const point of candidates) consider(point)
  for (let i = 0; i < 96; i++) consider(near(0.1 * 0.94 ** i, chosen.point))
  return chosen.point
}
