// RMSprop.
import { add, div, mul, relu, sqrt, square, sub } from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { slot, withDecay, zeroSlots, type Optimizer } from './optimizer.ts'

/** Settings of RMSprop. */
export interface RmsPropOptions {
  /** How long the mean of the squared gradients remembers, default 0.99. */
  readonly alpha?: number
  /** Added to the root of the mean square; default 1e-8. */
  readonly eps?: number
  /** Share of the earlier change that is kept, default 0. */
  readonly momentum?: number
  /**
   * Whether to subtract the squared mean of the gradients, so that it is their variance; default false. Source: Graves
   * 2013.
   */
  readonly centered?: boolean
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number
}

/**
 * RMSprop, PyTorch's form. Source: Hinton, "Neural networks for machine learning", lecture 6e, 2012. The slots hold the
 * decayed sums of the gradients and their squares: PyTorch's `grad_avg` and `square_avg` divided by 1 - alpha.
 */
export function rmsProp(options: RmsPropOptions = {}): Optimizer {
  const { alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weightDecay = 0 } = checkOptions('rmsProp', options,
    {
    alpha: kinds.share, eps: kinds.atLeast(0), momentum: kinds.share, centered: kinds.flag,
    weightDecay: kinds.atLeast(0),
  })
  const slots = ['secondMoment', ...(centered ? ['firstMoment'] : []), ...(momentum > 0 ? ['momentum'] : [])]
  const root = Math.sqrt(1 - alpha)
  return {
    name: 'rmsProp',
    slots,
    init: parameter => zeroSlots(slots, parameter),
    with: settings => rmsProp({ ...options, ...settings }),
    update({ parameter, gradient, slots: held, learningRate, decay }) {
      const g = withDecay(gradient, parameter, weightDecay, decay)
      const second = add(mul(slot(held, 'secondMoment'), alpha), square(g))
      const first = centered ? add(mul(slot(held, 'firstMoment'), alpha), g) : undefined
      // v - m^2 = (1 - alpha) (V - (1 - alpha) M^2); never below 0, where rounding could take it.
      const spread = first ? relu(sub(second, mul(square(first), 1 - alpha))) : second
      // g / (sqrt(v) + eps) = g / (sqrt(V) + eps / r) / r, r = sqrt(1 - alpha)
      const scaled = div(g, add(sqrt(spread), eps / root))
      const velocity = momentum > 0 ? add(mul(slot(held, 'momentum'), momentum), scaled) : scaled
      return {
        parameter: sub(parameter, mul(velocity, mul(learningRate, 1 / root))),
        slots: {
          secondMoment: second, ...(first && { firstMoment: first }), ...(momentum > 0 && { momentum: velocity })
        },
      }
    },
  }
}
