// Adam and AdamW.
import { add, div, mul, sqrt, square, sub } from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { oneMinusPower, slot, withDecay, zeroSlots, type Optimizer } from './optimizer.ts'

/** Settings of Adam and AdamW. */
export interface AdamOptions {
  /** How long the mean of the gradients remembers, default 0.9. */
  readonly beta1?: number
  /** How long the mean of the squared gradients remembers, default 0.999. */
  readonly beta2?: number
  /** Added to the root of the mean square; default 1e-8. */
  readonly eps?: number
  /**
   * Adam: an L2 penalty, default 0. AdamW: the share of the parameter removed at a learning rate of 1, default 0.01.
   */
  readonly weightDecay?: number
}

const SLOTS = ['firstMoment', 'secondMoment']

function adamLike(name: string, decoupled: boolean, options: AdamOptions): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = decoupled ? 0.01 : 0 } = checkOptions(name, options, {
    beta1: kinds.share, beta2: kinds.share, eps: kinds.atLeast(0), weightDecay: kinds.atLeast(0),
  })
  return {
    name,
    slots: SLOTS,
    init: parameter => zeroSlots(SLOTS, parameter),
    with: settings => adamLike(name, decoupled, { ...options, ...settings }),
    update({ parameter, gradient, slots, learningRate, step, decay = true }) {
      // The slots hold M = m / (1 - beta1) and V = v / (1 - beta2), and all scalar factors are gathered into one rate
      // and one eps: the paper's update exactly, in fewer passes over memory. With c1 = 1 - beta1^t and c2 = 1 -
      // beta2^t, rate (m / c1) / (sqrt(v / c2) + eps) = rate sqrt(c2) (1 - beta1) / (c1 r) * M / (sqrt(V) + eps
      // sqrt(c2) / r), r = sqrt(1 - beta2).
      const g = decoupled ? gradient : withDecay(gradient, parameter, weightDecay, decay)
      const first = add(mul(slot(slots, 'firstMoment'), beta1), g)
      const second = add(mul(slot(slots, 'secondMoment'), beta2), square(g))
      const root = Math.sqrt(1 - beta2)
      const correction = sqrt(oneMinusPower(beta2, step))
      const rate = div(mul(learningRate, mul(correction, (1 - beta1) / root)), oneMinusPower(beta1, step))
      const change = mul(div(first, add(sqrt(second), mul(correction, eps / root))), rate)
      const kept = decoupled && weightDecay > 0 && decay ? mul(
        parameter, sub(1, mul(learningRate, weightDecay)),
      ) : parameter
      return { parameter: sub(kept, change), slots: { firstMoment: first, secondMoment: second } }
    },
  }
}

/**
 * Adam, PyTorch's defaults and formula; weight decay is an L2 penalty in the gradient.
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1. The slots hold the decayed
 * sums of the gradients and of their squares: PyTorch's `exp_avg / (1 - beta1)` and `exp_avg_sq / (1 - beta2)`.
 */
export const adam = (options: AdamOptions = {}): Optimizer => adamLike('adam', false, options)

/**
 * AdamW: Adam with weight decay taken from the parameter itself, parameter *= 1 - learningRate * weightDecay.
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2. Slots as in {@link adam}.
 */
export const adamW = (options: AdamOptions = {}): Optimizer => adamLike('adamW', true, options)
