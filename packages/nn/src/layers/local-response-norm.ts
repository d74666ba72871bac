// Local response normalisation.
import { checkOptions, localResponseNorm, type LocalResponseNormOptions, type Tensor } from '@ddlf/tensor'

/**
 * Divides each element by a power of the mean square of its neighbours over channels: x / (k + alpha mean(x^2))^beta.
 * Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3; defaults and the mean instead of the sum are PyTorch's.
 */
export class LocalResponseNorm {
  constructor(readonly size: number, readonly options: LocalResponseNormOptions = {}) {
    checkOptions('LocalResponseNorm', options, ['alpha', 'beta', 'k'])
  }

  forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options)
  }
}
