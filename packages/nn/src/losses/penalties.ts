// What is added to a loss so that weights, or activations, are small or few.
import { abs, add, log, mean, mul, requireTensors, sub, sum, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'

/**
 * The sum of the absolute values of weights, which makes many of them 0: the penalty of the lasso.
 * Source: Tibshirani, "Regression shrinkage and selection via the lasso", 1996.
 * @param weights tensors of any shape; at least one
 */
export function l1Penalty(weights: readonly Tensor[]): Tensor {
  const list = {
    is: 'a list of at least one tensor', accepts: (value: unknown) => Array.isArray(value) && value.length > 0,
  }
  checkArgument('l1Penalty', 'the weights', weights, list, 'Write l1Penalty([layer.weight]).')
  requireTensors('l1Penalty', ...weights)
  return weights.map(weight => sum(abs(weight))).reduce((total, part) => add(total, part))
}

/** Keeps the logarithm of a unit that never fires finite. */
const LEAST = 1e-6

/**
 * How far the mean activations of units are from a target: the sum over units of a Kullback-Leibler divergence, 0 where
 * each is on average `target`. With r the mean of a unit over the batch and t the target, for units between 0 and 1
 * (`bernoulli`) it is t log(t / r) + (1 - t) log((1 - t) / (1 - r)), and for units without an upper end, such as ReLU
 * (`poisson`), t log(t / r) - t + r, whose gradient by r is (r - t) / r.
 * Source: Nair and Hinton, "3D object recognition with deep belief nets", 2009; the form for ReLU is that of the code
 * of Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
 * @param activations [N, units]
 */
export function sparsityPenalty(
  activations: Tensor, options: { readonly target: number; readonly units?: 'bernoulli' | 'poisson' },
): Tensor {
  const { target, units = 'bernoulli' } = checkOptions('sparsityPenalty', options, {
    target: kinds.needed(kinds.above(0)), units: kinds.oneOf('bernoulli', 'poisson'),
  })
  requireTensors('sparsityPenalty', activations)
  if (units === 'bernoulli') checkArgument('sparsityPenalty', 'the target', target, kinds.share)
  const rate = mean(activations, { axes: 0 })
  const risen = mul(sub(Math.log(target), log(add(rate, LEAST))), target)
  if (units === 'poisson') return sum(add(risen, sub(rate, target)))
  const fallen = mul(sub(Math.log(1 - target), log(sub(1 + LEAST, rate))), 1 - target)
  return sum(add(risen, fallen))
}
