// The fully connected layer.
import { formatShape, linear, tensorKind, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { initializerKind, kaimingUniform, newParameter, uniform, zeros, type Initializer } from '../init.ts'

/** Settings of a Linear layer. */
export interface LinearOptions {
  /** Whether to add a bias; default true. */
  readonly bias?: boolean
  /**
   * Initialiser of the weight; the bias then starts at 0. Default: PyTorch's, both uniform in +-1/sqrt(inFeatures).
   */
  readonly init?: Initializer
  /** Initialiser of the bias, where it shall not start as said there. */
  readonly biasInit?: Initializer
  /**
   * A parameter [outFeatures, inFeatures] that this layer shares with another, such as an Embedding's (tied weights).
   */
  readonly weight?: Tensor
}

/**
 * y = x W^T + b over the last axis: [..., inFeatures] to [..., outFeatures]. The weight is [outFeatures, inFeatures].
 */
export class Linear {
  readonly weight: Tensor
  readonly bias: Tensor | undefined

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: LinearOptions = {},
  ) {
    const { bias = true, init, biasInit, weight } = checkOptions('Linear', options, {
      bias: kinds.flag, init: initializerKind, biasInit: initializerKind, weight: tensorKind,
    })
    checkArgument('Linear', 'inFeatures', inFeatures, kinds.whole(1))
    checkArgument('Linear', 'outFeatures', outFeatures, kinds.whole(1))
    const limit = 1 / Math.sqrt(inFeatures)
    if (weight && formatShape(weight.shape) !== formatShape([outFeatures, inFeatures])) {
      throw new UserError({
        rule: `Linear: a shared weight must have the shape ${formatShape([outFeatures, inFeatures])}.`,
        received: formatShape(weight.shape),
      })
    }
    this.weight = weight ?? newParameter([outFeatures, inFeatures], init ?? kaimingUniform({ slope: Math.sqrt(5) }))
    this.bias = bias ? newParameter([outFeatures], biasInit ?? (init ? zeros : uniform(-limit, limit))) : undefined
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }
}
