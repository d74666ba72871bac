// Group normalisation.
import { add, checkOptions, formatShape, groupNorm, mul, reshape, UserError, type Tensor } from '@ddlf/tensor'
import { newParameter, ones, zeros } from '../init.ts'
import { requirePositiveInteger } from './requirements.ts'

/**
 * Normalises each sample over groups of its channels and all positions, then scales and shifts each channel. One group is
 * layer normalisation over the image, one channel a group instance normalisation.
 * Source: Wu and He, "Group normalization", 2018.
 */
export class GroupNorm {
  readonly eps: number
  readonly weight: Tensor | undefined
  readonly bias: Tensor | undefined

  constructor(readonly numGroups: number, readonly numChannels: number, options: { readonly eps?: number; readonly affine?: boolean } = {}) {
    const { eps = 1e-5, affine = true } = checkOptions('GroupNorm', options, ['eps', 'affine'])
    requirePositiveInteger('GroupNorm', 'numChannels / numGroups', numChannels / numGroups)
    this.eps = eps
    this.weight = affine ? newParameter([numChannels], ones) : undefined
    this.bias = affine ? newParameter([numChannels], zeros) : undefined
  }

  forward(x: Tensor): Tensor {
    if (x.rank < 2 || x.shape[1] !== this.numChannels) {
      throw new UserError({ rule: `GroupNorm: the input must have ${this.numChannels} channels on axis 1.`, received: formatShape(x.shape) })
    }
    const perChannel = [1, this.numChannels, ...x.shape.slice(2).map(() => 1)]
    const normalized = groupNorm(x, this.numGroups, { eps: this.eps })
    if (!this.weight || !this.bias) return normalized
    return add(mul(normalized, reshape(this.weight, perChannel)), reshape(this.bias, perChannel))
  }
}
