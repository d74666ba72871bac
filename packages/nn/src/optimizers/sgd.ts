// Stochastic gradient descent.
import { add, div, equal, minimum, mul, sub, where, type Tensor } from '@ddlf/tensor'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { slot, withDecay, zeroSlots, type Optimizer } from './optimizer.ts'

/** Settings of SGD. */
export interface SgdOptions {
  /** Share of the earlier direction that is kept, default 0. */
  readonly momentum?: number
  /**
   * The momentum rises linearly from `from` (default 0.5) over the first `steps` steps; default: it is there at once.
   * Source: Sutskever et al. 2013, section 3, as Hinton et al. and Goodfellow et al. train nets with dropout.
   */
  readonly momentumRise?: { readonly from?: number; readonly steps: number }
  /** Whether to look ahead along the momentum, default false. Source: Sutskever et al. 2013. */
  readonly nesterov?: boolean
  /** Damping of what a gradient adds to the momentum (not at the first step), default 0. */
  readonly dampening?: number
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number
}

/** The momentum at a step, counted from 1: at the first it is `from`. */
function risen(momentum: number, { from = 0.5, steps }: NonNullable<SgdOptions['momentumRise']>, step: Tensor): Tensor {
  return add(mul(minimum(div(sub(step, 1), steps), 1), momentum - from), from)
}

/**
 * Stochastic gradient descent, PyTorch's form: m = momentum * m + gradient; parameter -= learningRate * m.
 * Source: Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
 * 2013.
 * @throws UserError when a setting is out of range, or Nesterov is asked for without momentum or with dampening
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const {
    momentum = 0, momentumRise, nesterov = false, dampening = 0, weightDecay = 0,
  } = checkOptions('sgd', options, {
    momentum: kinds.share, momentumRise: kinds.dictionary(), nesterov: kinds.flag, dampening: kinds.between(0, 1),
    weightDecay: kinds.atLeast(0),
  })
  const rise = momentumRise && checkOptions('sgd: momentumRise', momentumRise, {
    from: kinds.share, steps: kinds.needed(kinds.above(0)),
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
      const kept = rise ? risen(momentum, rise, step) : momentum
      const velocity = add(mul(slot(held, 'momentum'), kept), added)
      const direction = nesterov ? add(g, mul(velocity, kept)) : velocity
      return { parameter: sub(parameter, mul(direction, learningRate)), slots: { momentum: velocity } }
    },
  }
}
