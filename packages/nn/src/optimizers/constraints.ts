// What is done to gradients before an update and to weights after it.
import { add, div, minimum, mul, sqrt, square, sub, sum, UserError, type Tensor } from '@ddlf/tensor'
import { requireShare } from './requirements.ts'

function requirePositive(owner: string, name: string, value: number): void {
  if (!(value > 0)) throw new UserError({ rule: `${owner}: ${name} must be above 0.`, received: String(value) })
}

/**
 * Scales all gradients by one factor so that their common Euclidean norm is at most `maxNorm`, as PyTorch's
 * `clip_grad_norm_`: the factor is min(1, maxNorm / (norm + 1e-6)).
 * Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1.
 * @returns the scaled gradients, and the norm before scaling as a scalar
 */
export function clipGlobalNorm(gradients: readonly Tensor[], maxNorm: number): { gradients: Tensor[]; norm: Tensor } {
  requirePositive('clipGlobalNorm', 'maxNorm', maxNorm)
  const [first, ...rest] = gradients.map(gradient => sum(square(gradient)))
  if (!first) throw new UserError({ rule: 'clipGlobalNorm: at least one gradient is needed.' })
  const norm = sqrt(rest.reduce((total, part) => add(total, part), first))
  const factor = minimum(div(maxNorm, add(norm, 1e-6)), 1)
  return { gradients: gradients.map(gradient => mul(gradient, factor)), norm }
}

/**
 * Scales each row of a weight [out, ...] so that the incoming weights of a unit have a Euclidean norm of at most `limit`,
 * as PyTorch's `renorm(2, 0, limit)`.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014, section 5.1.
 */
export function maxNorm(weight: Tensor, limit: number): Tensor {
  requirePositive('maxNorm', 'limit', limit)
  const axes = weight.shape.map((_, axis) => axis).slice(1)
  const norm = sqrt(sum(square(weight), { axes, keepDims: true }))
  return mul(weight, minimum(div(limit, add(norm, 1e-7)), 1))
}

/**
 * One step of an exponential moving average: average + (1 - decay) (value - average).
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992, in its exponential form.
 */
export function exponentialMovingAverage(average: Tensor, value: Tensor, decay: number): Tensor {
  requireShare('exponentialMovingAverage', 'decay', decay)
  return add(average, mul(sub(value, average), 1 - decay))
}

/** Whether a parameter is a bias or belongs to a normalisation (fewer than two axes): usually spared from weight decay. */
export const isBiasOrNorm = (_name: string, parameter: Tensor): boolean => parameter.rank < 2
