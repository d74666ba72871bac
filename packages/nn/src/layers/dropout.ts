// Dropout.
import { mul, UserError, type Tensor } from '@ddlf/tensor'
import { isTraining, randomBernoulli } from '../mode.ts'

/** x with each element set to 0 with probability `p` and the others divided by 1 - p in training; otherwise x. */
export function drop(x: Tensor, p: number): Tensor {
  if (!isTraining() || p === 0) return x
  if (p === 1) return mul(x, 0)
  // Scaling the mask, not x: the gradient then takes one pass instead of two.
  return mul(x, mul(randomBernoulli(x.shape, 1 - p), 1 / (1 - p)))
}

/** @throws UserError when p is no probability */
export function requireProbability(owner: string, p: number): void {
  if (!(p >= 0 && p <= 1))
    throw new UserError({ rule: `${owner}: the probability p must be from 0 to 1.`, received: String(p) })
}

/**
 * In training, sets each element to 0 with probability `p` and divides the others by 1 - p; otherwise passes x on.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014 (inverted form).
 */
export class Dropout {
  /** @param p probability of dropping an element, default 0.5 */
  constructor(readonly p = 0.5) {
    requireProbability('Dropout', p)
  }

  forward(x: Tensor): Tensor {
    return drop(x, this.p)
  }
}
