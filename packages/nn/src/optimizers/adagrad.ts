// Adagrad.
import { add, div, mul, sqrt, square, sub } from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { slot, withDecay, type Optimizer } from './optimizer.ts'

/** Settings of Adagrad. */
export interface AdagradOptions {
  /** The learning rate is divided by 1 + (step - 1) * learningRateDecay; default 0. */
  readonly learningRateDecay?: number
  /** Where the sum of squared gradients starts, default 0. */
  readonly initialAccumulator?: number
  /** Added to the root of the sum; default 1e-10. */
  readonly eps?: number
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number
}

/**
 * Adagrad, PyTorch's form.
 * Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
 * 2011.
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const { learningRateDecay = 0, initialAccumulator = 0, eps = 1e-10, weightDecay = 0 } = checkOptions('adagrad',
    options, {
    learningRateDecay: kinds.atLeast(0), initialAccumulator: kinds.atLeast(0), eps: kinds.atLeast(0),
    weightDecay: kinds.atLeast(0),
  })
  return {
    name: 'adagrad',
    slots: ['sum'],
    init: parameter => ({ sum: new Float32Array(parameter.size).fill(initialAccumulator) }),
    with: settings => adagrad({ ...options, ...settings }),
    update({ parameter, gradient, slots, learningRate, step, decay }) {
      const g = withDecay(gradient, parameter, weightDecay, decay)
      const total = add(slot(slots, 'sum'), square(g))
      const rate = learningRateDecay === 0 ? learningRate : div(
        learningRate, add(1, mul(sub(step, 1), learningRateDecay)),
      )
      return { parameter: sub(parameter, mul(div(g, add(sqrt(total), eps)), rate)), slots: { sum: total } }
    },
  }
}
