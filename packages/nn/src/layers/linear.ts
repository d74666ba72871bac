// The fully connected layer.
import { checkOptions, linear, type Tensor } from '@ddlf/tensor'
import { kaimingUniform, newParameter, uniform, zeros, type Initializer } from '../init.ts'
import { requirePositiveInteger } from './requirements.ts'

/** Settings of a Linear layer. */
export interface LinearOptions {
  /** Whether to add a bias; default true. */
  readonly bias?: boolean
  /**
   * Initialiser of the weight; the bias then starts at 0. Default: PyTorch's, both uniform in +-1/sqrt(inFeatures).
   */
  readonly init?: Initializer
}

/** y = x W^T + b over the last axis: [..., inFeatures] to [..., outFeatures]. The weight is [outFeatures, inFeatures]. */
export class Linear {
  readonly weight: Tensor
  readonly bias: Tensor | undefined

  constructor(readonly inFeatures: number, readonly outFeatures: number, options: LinearOptions = {}) {
    const { bias = true, init } = checkOptions('Linear', options, ['bias', 'init'])
    requirePositiveInteger('Linear', 'inFeatures', inFeatures)
    requirePositiveInteger('Linear', 'outFeatures', outFeatures)
    const limit = 1 / Math.sqrt(inFeatures)
    this.weight = newParameter([outFeatures, inFeatures], init ?? kaimingUniform({ slope: Math.sqrt(5) }))
    this.bias = bias ? newParameter([outFeatures], init ? zeros : uniform(-limit, limit)) : undefined
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }
}
