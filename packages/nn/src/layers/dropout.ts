// Dropout.
import { mul, UserError, type Tensor } from '@ddlf/tensor'
import { isTraining, randomBernoulli } from '../mode.ts'

/**
 * In training, sets each element to 0 with probability `p` and divides the others by 1 - p; otherwise passes x on.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014 (inverted form).
 */
export class Dropout {
  /** @param p probability of dropping an element, default 0.5 */
  constructor(readonly p = 0.5) {
    if (!(p >= 0 && p <= 1)) throw new UserError({ rule: 'Dropout: the probability p must be from 0 to 1.', received: String(p) })
  }

  forward(x: Tensor): Tensor {
    if (!isTraining() || this.p === 0) return x
    if (this.p === 1) return mul(x, 0)
    // Scaling the mask, not x: the gradient then takes one pass instead of two.
    return mul(x, mul(randomBernoulli(x.shape, 1 - this.p), 1 / (1 - this.p)))
  }
}
