// Group normalisation.
import { add, formatShape, groupNorm, mul, requireTensors, reshape, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { newParameter, ones, zeros } from '../init.ts'

/**
 * Normalises each sample over groups of its channels and all positions, then scales and shifts each channel. One group
 * is layer normalisation over the image, one channel a group instance normalisation.
 * Source: Wu and He, "Group normalization", 2018.
 */
export class GroupNorm {
  readonly eps: number
  readonly weight: Tensor | undefined
  readonly bias: Tensor | undefined

  constructor(
    readonly numGroups: number, readonly numChannels: number,
    options: { readonly eps?: number; readonly affine?: boolean } = {},
  ) {
    const { eps = 1e-5, affine = true } = checkOptions(
      'GroupNorm', options, { eps: kinds.atLeast(0), affine: kinds.flag },
    )
    checkArgument('GroupNorm', 'numGroups', numGroups, kinds.whole(1))
    checkArgument('GroupNorm', 'numChannels', numChannels, kinds.whole(1))
    checkArgument('GroupNorm', 'numChannels / numGroups', numChannels / numGroups, kinds.whole(1))
    this.eps = eps
    this.weight = affine ? newParameter([numChannels], ones) : undefined
    this.bias = affine ? newParameter([numChannels], zeros) : undefined
  }

  forward(x: Tensor): Tensor {
    requireTensors('GroupNorm', x)
    if (x.rank < 2 || x.shape[1] !== this.numChannels) {
      throw new UserError({
        rule: `GroupNorm: the input must have ${this.numChannels} channels on axis 1.`, received: formatShape(x.shape),
      })
    }
    const perChannel = [1, this.numChannels, ...x.shape.slice(2).map(() => 1)]
    const normalized = groupNorm(x, this.numGroups, { eps: this.eps })
    if (!this.weight || !this.bias) return normalized
    return add(mul(normalized, reshape(this.weight, perChannel)), reshape(this.bias, perChannel))
  }
}
