// Flattening.
import { flatten, type Tensor } from '@ddlf/tensor'
import { checkArgument, kinds } from '@ddlf/tensor/errors'

/** Joins all axes from `startAxis` (default 1) on: [N, 28, 28] to [N, 784]. */
export class Flatten {
  constructor(readonly startAxis = 1) {
    checkArgument('Flatten', 'startAxis', startAxis, kinds.whole())
  }

  forward(x: Tensor): Tensor {
    return flatten(x, this.startAxis)
  }
}
