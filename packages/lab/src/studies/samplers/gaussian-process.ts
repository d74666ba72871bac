// A Gaussian process over points of the unit cube: its likelihood and predictions with their gradients, and its fit.
import { minimizeInBoxNow } from '../../analysis/landscape/minimize-in-box.ts'

/** The hyperparameters: a length scale for each dimension and the noise's variance as a part of the signal's. */
export interface KernelParameters {
  readonly lengthScales: Float64Array
  readonly noise: number
}

/** Mean and standard deviation (of the function, without noise) at a point. */
export interface Prediction {
  readonly mean: number
  readonly deviation: number
}

/** A prediction with its slopes along the point's dimensions. */
export interface SlopedPrediction extends Prediction {
  readonly meanGradient: Float64Array
  readonly deviationGradient: Float64Array
}

/** A fitted process over standardised losses. */
export interface GaussianProcess {
  readonly parameters: KernelParameters
  /** The log marginal likelihood, with the signal's variance at its best value. */
  readonly logLikelihood: number
  /** @param point of the unit cube */
  predict(point: ArrayLike<number>): Prediction
  predictWithSlopes(point: ArrayLike<number>): SlopedPrediction
  /** The slopes of the log marginal likelihood along the logarithms of the length scales and, last, of the noise. */
  likelihoodGradient(): Float64Array
}

const SQRT5 = Math.sqrt(5)

/** sqrt(5) times the distance of two points in length scales. */
function scaledDistance(a: ArrayLike<number>, b: ArrayLike<number>, lengthScales: Float64Array): number {
  let square = 0
  for (let i = 0; i < lengthScales.length; i++)
    square += (((a[i] as number) - (b[i] as number)) / (lengthScales[i] as number)) ** 2
  return SQRT5 * Math.sqrt(square)
}

/** The Matern 5/2 kernel of variance 1, of a {@link scaledDistance}. */
const matern = (r: number) => (1 + r + (r * r) / 3) * Math.exp(-r)

/** What its slopes share: dk / d log(lengthScale) = steep(r) ((a - b) / lengthScale)^2. */
const steep = (r: number) => (5 / 3) * (1 + r) * Math.exp(-r)

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

/** Solves L x = b; entries of b before `from` are known to be zero. */
function solveLower(l: Float64Array, n: number, b: ArrayLike<number>, from = 0): Float64Array {
  const x = new Float64Array(n)
  for (let i = from; i < n; i++) {
    let sum = b[i] as number
    for (let k = from; k < i; k++) sum -= (l[i * n + k] as number) * (x[k] as number)
    x[i] = sum / (l[i * n + i] as number)
  }
  return x
}

/** Solves L^T x = b. */
function solveUpper(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b)
  for (let i = n - 1; i >= 0; i--) {
    const value = (x[i] as number) / (l[i * n + i] as number)
    x[i] = value
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (l[i * n + k] as number) * value
  }
  return x
}

/** Rows of the inverse of L; row i holds zeros behind place i. */
function inverseLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n)
  const unit = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    unit[j] = 1
    const column = solveLower(l, n, unit, j)
    unit[j] = 0
    for (let i = j; i < n; i++) inverse[i * n + j] = column[i] as number
  }
  return inverse
}

/** Points, the Cholesky factor of their kernel's matrix and what follows from it. */
interface Solved {
  readonly points: readonly ArrayLike<number>[]
  readonly parameters: KernelParameters
  readonly l: Float64Array
  /** L^-1 values. */
  readonly whitened: Float64Array
  /** K^-1 values. */
  readonly weights: Float64Array
  readonly variance: number
}

/** d log p / dtheta = (weights^T dK weights / variance - trace(K^-1 dK)) / 2 (Rasmussen and Williams, equation 5.9). */
function likelihoodGradient({ points, parameters, l, weights, variance }: Solved): Float64Array {
  const { lengthScales, noise } = parameters
  const n = points.length
  const d = lengthScales.length
  const inverse = inverseLower(l, n)
  const gradient = new Float64Array(d + 1)
  for (let i = 0; i < n; i++) {
    const a = points[i] as ArrayLike<number>
    for (let j = 0; j <= i; j++) {
      // (K^-1)_ij = sum_k (L^-1)_ki (L^-1)_kj
      let precision = 0
      for (let k = i; k < n; k++) precision += (inverse[k * n + i] as number) * (inverse[k * n + j] as number)
      const factor = ((weights[i] as number) * (weights[j] as number)) / variance - precision
      if (i === j) {
        gradient[d] = (gradient[d] as number) + 0.5 * noise * factor
        continue
      }
      const b = points[j] as ArrayLike<number>
      const slope = factor * steep(scaledDistance(a, b, lengthScales))
      for (let c = 0; c < d; c++)
        gradient[c] =
          (gradient[c] as number) + slope * (((a[c] as number) - (b[c] as number)) / (lengthScales[c] as number)) ** 2
    }
  }
  return gradient
}

const LEAST_VARIANCE = 1e-12

function predict({ points, parameters, l, whitened, variance }: Solved, point: ArrayLike<number>) {
  const n = points.length
  const distances = Float64Array.from(points, other => scaledDistance(point, other, parameters.lengthScales))
  const v = solveLower(l, n, distances.map(matern))
  let mean = 0
  let explained = 0
  for (let i = 0; i < n; i++) {
    mean += (v[i] as number) * (whitened[i] as number)
    explained += (v[i] as number) ** 2
  }
  return { mean, deviation: Math.sqrt(variance * Math.max(LEAST_VARIANCE, 1 - explained)), distances, v }
}

function predictWithSlopes(solved: Solved, point: ArrayLike<number>): SlopedPrediction {
  const { points, parameters, l, weights, variance } = solved
  const { lengthScales } = parameters
  const { mean, deviation, distances, v } = predict(solved, point)
  const covered = solveUpper(l, points.length, v)
  const meanGradient = new Float64Array(lengthScales.length)
  const deviationGradient = new Float64Array(lengthScales.length)
  // dk / dx_c = -steep(r) (x_c - p_c) / lengthScale_c^2; the variance falls by 2 k^T K^-1 dk.
  const flat = deviation * deviation <= variance * LEAST_VARIANCE
  for (let i = 0; i < points.length; i++) {
    const slope = steep(distances[i] as number)
    for (let c = 0; c < lengthScales.length; c++) {
      const away = (point[c] as number) - ((points[i] as ArrayLike<number>)[c] as number)
      const change = (-slope * away) / (lengthScales[c] as number) ** 2
      meanGradient[c] = (meanGradient[c] as number) + (weights[i] as number) * change
      if (!flat)
        deviationGradient[c] =
          (deviationGradient[c] as number) - (variance / deviation) * (covered[i] as number) * change
    }
  }
  return { mean, deviation, meanGradient, deviationGradient }
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
    const a = points[i] as ArrayLike<number>
    for (let j = 0; j < i; j++)
      kernel[i * n + j] = matern(scaledDistance(a, points[j] as ArrayLike<number>, lengthScales))
    kernel[i * n + i] = 1 + noise
  }
  const l = cholesky(kernel, n)
  if (!l) return undefined
  const whitened = solveLower(l, n, values)
  const variance = Math.max(LEAST_VARIANCE, whitened.reduce((sum, value) => sum + value * value, 0) / n)
  let logDeterminant = 0
  for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(l[i * n + i] as number)
  const solved = { points, parameters, l, whitened, weights: solveUpper(l, n, whitened), variance }
  return {
    parameters,
    logLikelihood: -0.5 * (n * Math.log(variance) + logDeterminant + n + n * Math.log(2 * Math.PI)),
    predict(point) {
      const { mean, deviation } = predict(solved, point)
      return { mean, deviation }
    },
    predictWithSlopes: point => predictWithSlopes(solved, point),
    likelihoodGradient: () => likelihoodGradient(solved),
  }
}

/** Where the weak prior has its middle, and how wide it is, in logarithms: scales of the cube's size, small noise. */
const PRIOR = {
  lengthScale: { middle: Math.log(0.7), deviation: 1.5, low: -4, high: 4 },
  noise: { middle: Math.log(1e-6), deviation: 5, low: -23, high: 0 },
} as const

/**
 * Hyperparameters by the marginal likelihood with a weak prior (normal in their logarithms), by L-BFGS-B from the
 * prior's middle and from short length scales.
 */
export function fitGaussianProcess(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
): GaussianProcess | undefined {
  const d = points[0]?.length ?? 0
  const priors = Array.from({ length: d + 1 }, (_, i) => (i < d ? PRIOR.lengthScale : PRIOR.noise))
  const processOf = (log: ArrayLike<number>) =>
    gaussianProcess(points, values, {
      lengthScales: Float64Array.from({ length: d }, (_, i) => Math.exp(log[i] as number)),
      noise: Math.exp(log[d] as number),
    })
  const cost = (log: Float64Array) => {
    const process = processOf(log)
    if (!process) return { value: Infinity, gradient: new Float64Array(d + 1) }
    const slopes = process.likelihoodGradient()
    let value = -process.logLikelihood
    const gradient = slopes.map((slope, i) => {
      const { middle, deviation } = priors[i] as (typeof priors)[number]
      const away = ((log[i] as number) - middle) / deviation
      value += 0.5 * away * away
      return away / deviation - slope
    })
    return { value, gradient }
  }
  let best: { x: Float64Array; value: number } | undefined
  for (const scale of [0.5, 0.15]) {
    const start = priors.map(({ middle }, i) => (i < d ? Math.log(scale) : middle))
    if (!processOf(start)) continue
    const found = minimizeInBoxNow(cost, start, priors.map(({ low }) => low), priors.map(({ high }) => high), {
      iterations: 40, gradientTolerance: 1e-3, valueTolerance: 1e-7,
    })
    if (!best || found.value < best.value) best = found
  }
  return best && processOf(best.x)
}
