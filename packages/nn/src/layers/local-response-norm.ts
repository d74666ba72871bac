// Local response normalisation.
import { localResponseNorm, responseKinds, type LocalResponseNormOptions, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'

/**
 * Divides each element by a power of the mean square of its neighbours over channels: x / (k + alpha mean(x^2))^beta.
 * Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3; defaults and the mean instead of the sum are PyTorch's.
 */
export class LocalResponseNorm {
  constructor(readonly size: number, readonly options: LocalResponseNormOptions = {}) {
    checkOptions('LocalResponseNorm', options, responseKinds)
    checkArgument('LocalResponseNorm', 'size', size, kinds.whole(1))
  }

  forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options)
  }
}
