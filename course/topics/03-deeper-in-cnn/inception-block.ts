// The block of Inception networks: windows of several sizes side by side on one input.
import { concat, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, MaxPool2d, ReLU, Sequential, type Module } from '@ddlf/nn'

/** Channels of the four branches of a block. */
export interface InceptionWidths {
  readonly one: number
  /** Before and after the 3x3 convolution. */
  readonly three: readonly [number, number]
  /** Before and after the 5x5 convolution. */
  readonly five: readonly [number, number]
  /** After the pooling. */
  readonly pool: number
}

/**
 * How the 5x5 convolution of a block is built: as it is, as two 3x3 ones (Szegedy et al. 2016, figure 5), or with every
 * 3x3 as 1x3 and 3x1 (their figure 6 with n = 3).
 */
export type Factorization = 'none' | 'stacked' | 'asymmetric'

/** Four branches on one input, joined along the channels: 1x1; 1x1 and 3x3; 1x1 and 5x5; pooling and 1x1. */
export class InceptionBlock implements Module {
  readonly branches: readonly Sequential[]
  /** Channels of the result. */
  readonly channels: number

  // #region block
  constructor(from: number, widths: InceptionWidths, parts: Factorization = 'none') {
    const { one, three, five, pool } = widths
    const highest = new MaxPool2d(3, { stride: 1, padding: 1 })
    this.branches = [
      new Sequential(...unit(from, one, 1)),
      new Sequential(...unit(from, three[0], 1), ...square(three, 3, parts)),
      new Sequential(...unit(from, five[0], 1), ...square(five, 5, parts)),
      new Sequential(highest, ...unit(from, pool, 1)),
    ]
    this.channels = one + three[1] + five[1] + pool
  }

  forward(x: Tensor): Tensor {
    const maps = this.branches.map(branch => branch.forward(x))
    return concat(maps, 1) // [N, channels, H, W]
  }
  // #endregion
}

/** A convolution that keeps the picture's size, batch norm and ReLU. @param kernel one side, or height and width */
export function unit(from: number, to: number, kernel: number | readonly [number, number]): Module[] {
  const [height, width] = typeof kernel === 'number' ? [kernel, kernel] : kernel
  const padding: [number, number] = [(height - 1) / 2, (width - 1) / 2]
  return [
    new Conv2d(from, to, [height, width], { padding, init: init.kaimingNormal() }), new BatchNorm2d(to), new ReLU(),
  ]
}

/** A window of 3x3 or 5x5, whole or in parts that see as far. */
function square([from, to]: readonly [number, number], kernel: 3 | 5, factorization: Factorization): Module[] {
  if (factorization === 'none') return unit(from, to, kernel)
  const three = (channels: number) =>
    factorization === 'stacked'
      ? unit(channels, to, 3)
      : [...unit(channels, to, [1, 3]), ...unit(to, to, [3, 1])]
  return kernel === 3 ? three(from) : [...three(from), ...three(to)]
}
