// Dropout.
import { mul, requireTensors, type Tensor } from '@ddlf/tensor'
import { checkArgument, kinds } from '@ddlf/tensor/errors'
import { isTraining, randomBernoulli } from '../mode.ts'

/** x with each element set to 0 with probability `p` and the others divided by 1 - p in training; otherwise x. */
export function drop(x: Tensor, p: number): Tensor {
  if (!isTraining() || p === 0) return x
  if (p === 1) return mul(x, 0)
  // Scaling the mask, not x: the gradient then takes one pass instead of two.
  return mul(x, mul(randomBernoulli(x.shape, 1 - p), 1 / (1 - p)))
}

/**
 * In training, sets each element to 0 with probability `p` and divides the others by 1 - p; otherwise passes x on.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014 (inverted form).
 */
export class Dropout {
  /** @param p probability of dropping an element, default 0.5 */
  constructor(readonly p = 0.5) {
    checkArgument('Dropout', 'the probability p', p, kinds.between(0, 1), 'Write new Dropout(0.5).')
  }

  forward(x: Tensor): Tensor {
    requireTensors('Dropout', x)
    return drop(x, this.p)
  }
}
