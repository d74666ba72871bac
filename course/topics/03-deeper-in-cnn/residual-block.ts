// The block of residual networks: two convolutions, and a way around them.
import { add, pad, relu, slice, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, type Module } from '@ddlf/nn'

/** The first weights of He et al. */
export const he = init.kaimingNormal()

/** A convolution of 3x3 that keeps the picture's size, or halves it with stride 2. */
export const conv3x3 = (from: number, to: number, stride: number, bias: boolean) =>
  new Conv2d(from, to, 3, { stride, padding: 1, bias, init: he })

/** Batch norm where there is one. */
export const normalised = (norm: BatchNorm2d | undefined, x: Tensor): Tensor => (norm ? norm.forward(x) : x)

/** Choices of a block. */
export interface BlockOptions {
  readonly stride: number
  /** Whether it adds its input; without it the block is a plain one. */
  readonly residual: boolean
  readonly batchNorm: boolean
}

/**
 * Two convolutions F, and max(0, x + F(x)). A block that halves the picture and doubles the channels carries its input
 * by option A of the paper. Names of the state are those of akamaster/pytorch_resnet_cifar10.
 */
export class ResidualBlock implements Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d | undefined
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d | undefined

  constructor(readonly from: number, readonly to: number, readonly options: BlockOptions) {
    const { stride, batchNorm } = options
    this.conv1 = conv3x3(from, to, stride, !batchNorm)
    this.bn1 = batchNorm ? new BatchNorm2d(to) : undefined
    this.conv2 = conv3x3(to, to, 1, !batchNorm)
    this.bn2 = batchNorm ? new BatchNorm2d(to) : undefined
  }

  // #region block
  forward(x: Tensor): Tensor {
    const h = relu(normalised(this.bn1, this.conv1.forward(x)))
    const f = normalised(this.bn2, this.conv2.forward(h))
    if (!this.options.residual) return relu(f)
    return relu(add(this.#shortcut(x), f))
  }

  /** x itself; where its shape changes, every second pixel, and zeros. */
  #shortcut(x: Tensor): Tensor {
    const { stride } = this.options
    if (stride === 1 && this.from === this.to) return x
    const rows = slice(x, { axis: 2, step: stride })
    const every = slice(rows, { axis: 3, step: stride })
    const zeros = (this.to - this.from) / 2 // before and behind
    return pad(every, [[0, 0], [zeros, zeros], [0, 0], [0, 0]])
  }
  // #endregion
}
