// Stochastic gradient descent.
import { add, equal, mul, sub, where } from '@ddlf/tensor'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { slot, withDecay, zeroSlots, type Optimizer } from './optimizer.ts'

/** Settings of SGD. */
export interface SgdOptions {
  /** Share of the earlier direction that is kept, default 0. */
  readonly momentum?: number
  /** Whether to look ahead along the momentum, default false. Source: Sutskever et al. 2013. */
  readonly nesterov?: boolean
  /** Damping of what a gradient adds to the momentum (not at the first step), default 0. */
  readonly dampening?: number
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number
}

/**
 * Stochastic gradient descent, PyTorch's form: m = momentum * m + gradient; parameter -= learningRate * m.
 * Source: Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
 * 2013.
 * @throws UserError when a setting is out of range, or Nesterov is asked for without momentum or with dampening
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0, nesterov = false, dampening = 0, weightDecay = 0 } = checkOptions('sgd', options, {
    momentum: kinds.share, nesterov: kinds.flag, dampening: kinds.between(0, 1), weightDecay: kinds.atLeast(0),
  })
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new UserError({
      rule: 'sgd: nesterov needs a momentum above 0 and a dampening of 0.',
      received: `momentum ${momentum}, dampening ${dampening}`,
    })
  }
  const slots = momentum === 0 ? [] : ['momentum']
  return {
    name: 'sgd',
    slots,
    init: parameter => zeroSlots(slots, parameter),
    with: settings => sgd({ ...options, ...settings }),
    update({ parameter, gradient, slots: held, learningRate, step, decay }) {
      const g = withDecay(gradient, parameter, weightDecay, decay)
      if (momentum === 0) return { parameter: sub(parameter, mul(g, learningRate)), slots: {} }
      const added = dampening === 0 ? g : mul(g, where(equal(step, 1), 1, 1 - dampening))
      const velocity = add(mul(slot(held, 'momentum'), momentum), added)
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity
      return { parameter: sub(parameter, mul(direction, learningRate)), slots: { momentum: velocity } }
    },
  }
}
