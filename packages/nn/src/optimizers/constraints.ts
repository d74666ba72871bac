// What is done to gradients before an update and to weights after it.
import { add, div, minimum, mul, requireTensors, sqrt, square, sub, sum, type Tensor } from '@ddlf/tensor'
import { checkArgument, kinds } from '@ddlf/tensor/errors'

/**
 * Scales all gradients by one factor so that their common Euclidean norm is at most `maxNorm`, as PyTorch's
 * `clip_grad_norm_`: the factor is min(1, maxNorm / (norm + 1e-6)).
 * Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1.
 * @returns the scaled gradients, and the norm before scaling as a scalar
 */
export function clipGlobalNorm(gradients: readonly Tensor[], maxNorm: number): { gradients: Tensor[]; norm: Tensor } {
  checkArgument('clipGlobalNorm', 'maxNorm', maxNorm, kinds.above(0))
  const isList = {
    is: 'a list of at least one tensor', accepts: (list: unknown) => Array.isArray(list) && list.length > 0,
  }
  checkArgument('clipGlobalNorm', 'the gradients', gradients, isList, 'Write clipGlobalNorm([gradient], 1).')
  const [first, ...rest] = gradients.map(gradient => sum(square(gradient)))
  const norm = sqrt(rest.reduce((total, part) => add(total, part), first as Tensor))
  const factor = minimum(div(maxNorm, add(norm, 1e-6)), 1)
  return { gradients: gradients.map(gradient => mul(gradient, factor)), norm }
}

/**
 * Scales each row of a weight [out, ...] so that the incoming weights of a unit have a Euclidean norm of at most
 * `limit`, as PyTorch's `renorm(2, 0, limit)`.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014, section 5.1.
 */
export function maxNorm(weight: Tensor, limit: number): Tensor {
  requireTensors('maxNorm', weight)
  checkArgument('maxNorm', 'limit', limit, kinds.above(0))
  const axes = weight.shape.map((_, axis) => axis).slice(1)
  const norm = sqrt(sum(square(weight), { axes, keepDims: true }))
  return mul(weight, minimum(div(limit, add(norm, 1e-7)), 1))
}

/**
 * One step of an exponential moving average: average + (1 - decay) (value - average).
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992, in its exponential form.
 */
export function exponentialMovingAverage(average: Tensor, value: Tensor, decay: number): Tensor {
  requireTensors('exponentialMovingAverage', average, value)
  checkArgument('exponentialMovingAverage', 'decay', decay, kinds.share)
  return add(average, mul(sub(value, average), 1 - decay))
}

/**
 * Whether a parameter is a bias or belongs to a normalisation (fewer than two axes): usually spared from weight decay.
 */
export const isBiasOrNorm = (_name: string, parameter: Tensor): boolean => {
  requireTensors('isBiasOrNorm', parameter)
  return parameter.rank < 2
}
