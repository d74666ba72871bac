// Adadelta.
import { add, div, mul, sqrt, square, sub } from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { slot, withDecay, zeroSlots, type Optimizer } from './optimizer.ts'

/** Settings of Adadelta. */
export interface AdadeltaOptions {
  /** How long the means of squared gradients and of squared changes remember, default 0.9. */
  readonly rho?: number
  /** Added to both means before their roots are taken, default 1e-6. */
  readonly eps?: number
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number
}

/**
 * Adadelta, PyTorch's form: a step is the gradient times the root of the mean squared change, divided by the root of
 * the mean squared gradient. The paper has no learning rate: it is 1 there.
 * Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1.
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const { rho = 0.9, eps = 1e-6, weightDecay = 0 } = checkOptions('adadelta', options, {
    rho: kinds.share, eps: kinds.atLeast(0), weightDecay: kinds.atLeast(0),
  })
  const slots = ['squareAverage', 'changeAverage']
  return {
    name: 'adadelta',
    slots,
    init: parameter => zeroSlots(slots, parameter),
    with: settings => adadelta({ ...options, ...settings }),
    update({ parameter, gradient, slots: held, learningRate, decay }) {
      const g = withDecay(gradient, parameter, weightDecay, decay)
      const changes = slot(held, 'changeAverage')
      const squares = add(mul(slot(held, 'squareAverage'), rho), mul(square(g), 1 - rho))
      const change = mul(div(sqrt(add(changes, eps)), sqrt(add(squares, eps))), g)
      return {
        parameter: sub(parameter, mul(change, learningRate)),
        slots: {
          squareAverage: squares,
          changeAverage: add(mul(changes, rho), mul(square(change), 1 - rho)),
        },
      }
    },
  }
}
