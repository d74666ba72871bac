// A Gaussian process with expected improvement: for small numeric spaces, where every trial is dear.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { randomKey } from '@ddlf/tensor/random'
import { minimizeInBoxNow } from '../../analysis/landscape/minimize-in-box.ts'
import { lossesOf } from '../pareto.ts'
import type { Choice, NumericDistribution } from '../space/distribution.ts'
import { fromUnit, toUnit } from '../space/unit-interval.ts'
import { asLoss, type Direction, type Trial } from '../trial.ts'
import { fitGaussianProcess, gaussianProcess, type GaussianProcess } from './gaussian-process.ts'
import { fill, numericNames } from './numeric-part.ts'
import { trialDraws, type Draws, type Sampler } from './sampler.ts'
import { sobolSequence } from './sobol.ts'
import { logNormalCdf, logNormalPdf } from './truncated-normal.ts'

/** Options of {@link gaussianProcessSampler}. */
export interface GaussianProcessOptions {
  /** Quasi-random trials before the model is used. Default 10. */
  readonly startupTrials?: number
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
 * objective and up to ten parameters. Running trials count with the value that is expected of them, failed ones with
 * the worst seen, pruned ones with their last value, at least the median: so that the next one goes elsewhere.
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
      const toParams = (point: Float64Array) =>
        Object.fromEntries(
          names.map((name, i): [string, Choice] => [
            name,
            fromUnit(space[name] as NumericDistribution, point[i] as number),
          ]),
        )
      const usable = trials.filter(trial => names.every(name => Object.hasOwn(trial.params, name)))
      const complete = usable
        .filter(({ state }) => state === 'complete')
        .map(trial => lossesOf(trial, directions)[0] as number)
        .filter(Number.isFinite)
      const known = judged(usable, directions[0] ?? 'minimize', complete).map(({ trial, loss }) =>
        ({ point: toPoint(trial.params), loss }))
      const start = sobolSequence(names.length, randomKey(seed, 'study', 'gaussian-process'))
      const point =
        complete.length < Math.max(2, startupTrials)
          ? start(number)
          : propose(
              thinned(known),
              usable.filter(trial => trial.state === 'running').map(trial => toPoint(trial.params)),
              index => start(2 ** 16 + index),
              trialDraws(question, 'gaussian-process'),
              point => toPoint(toParams(point)),
            )
      return { params: fill(question, toParams(point)) }
    },
  }
}

/** A loss so many times as far from the best as the median is says only that it is bad. */
const FARTHEST = 10

/** The ended trials, each with what counts as its loss: finite, and not so large that it hides how others differ. */
function judged(trials: readonly Trial[], direction: Direction, complete: readonly number[]) {
  const sorted = [...complete].sort((a, b) => a - b)
  const [best = 0, median = 0, last = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  const worst = median > best ? Math.min(last, median + FARTHEST * (median - best)) : last
  return trials
    .filter(({ state }) => state === 'complete' || state === 'failed' || state === 'pruned')
    .map(trial => {
      const reached = trial.state === 'failed' ? Infinity : asLoss(trial.values?.[0] ?? NaN, direction)
      const loss = Number.isFinite(reached) ? Math.min(reached, worst) : worst
      return { trial, loss: trial.state === 'pruned' ? Math.max(loss, median) : loss }
    })
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

/** With mean 0 and standard deviation 1; all 0 where they are equal. */
function standardized(losses: readonly number[]): number[] {
  // By a power of two, which rounds nothing: neither sums nor squares leave the range of numbers then.
  const largest = Math.max(...losses.map(Math.abs))
  const unit = 2 ** Math.min(1023, Math.max(-1074, Math.floor(Math.log2(largest))))
  const scaled = losses.map(loss => loss / unit)
  const mean = scaled.reduce((a, b) => a + b, 0) / scaled.length
  const deviation = Math.sqrt(scaled.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / scaled.length) || 1
  return scaled.map(loss => (loss - mean) / deviation)
}

/** Points of the unit cube that are looked at before the best of them are refined. */
const EVEN_POINTS = 1024
const REFINED = 8

/** Minus the log expected improvement E at a point, with its slopes: dE / dmean = -Phi(z), dE / ddeviation = phi(z). */
function costWithSlopes(process: GaussianProcess, best: number, point: Float64Array) {
  const { mean, deviation, meanGradient, deviationGradient } = process.predictWithSlopes(point)
  const value = logExpectedImprovement(mean, deviation, best)
  const z = (best - mean) / deviation
  const byMean = -Math.exp(logNormalCdf(z) - value)
  const byDeviation = Math.exp(logNormalPdf(z) - value)
  const gradient = meanGradient.map((slope, i) => -byMean * slope - byDeviation * (deviationGradient[i] as number))
  return { value: -value, gradient }
}

/**
 * The point of greatest log expected improvement: the best of many even ones and of steps around the best trial,
 * refined by L-BFGS-B and moved to where the parameters' steps allow; a point that no trial has, if there is one.
 */
function propose(
  known: readonly Known[],
  running: readonly Float64Array[],
  even: (index: number) => Float64Array,
  draw: Draws,
  allowed: (point: Float64Array) => Float64Array,
): Float64Array {
  const values = standardized(known.map(({ loss }) => loss))
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
    return { point, score: logExpectedImprovement(at.mean, at.deviation, best) }
  }
  const byScore = (a: { score: number }, b: { score: number }) => b.score - a.score
  const incumbent = points[values.indexOf(best)] as Float64Array
  const near = (radius: number) =>
    incumbent.map(value => Math.min(1, Math.max(0, value + radius * (2 * draw() - 1))))
  const candidates = [
    ...Array.from({ length: EVEN_POINTS }, (_, i) => even(offset + i)),
    ...Array.from({ length: 64 }, (_, i) => near(0.3 * 0.9 ** i)),
  ].map(score).sort(byScore)
  const bounds = incumbent.map(() => 0)
  const refined = candidates.slice(0, REFINED).map(({ point }) =>
    minimizeInBoxNow(at => costWithSlopes(process, best, at), point, bounds, bounds.map(() => 1), {
      iterations: 40, gradientTolerance: 1e-5, valueTolerance: 1e-9,
    }).x)
  const same = (a: Float64Array) => (b: Float64Array) => a.every((value, i) => value === b[i])
  const choices = [...refined, ...candidates.map(({ point }) => point)].map(allowed)
  const fresh = choices.filter(choice => ![...points, ...running].some(same(choice)))
  return (fresh.length > 0 ? fresh : choices).slice(0, 2 * REFINED).map(score).sort(byScore)[0]?.point ?? incumbent
}
