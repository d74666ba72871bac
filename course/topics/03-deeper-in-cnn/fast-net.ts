// The network of the CIFAR-10 speed-runs: 94 % from ten passes over the data.
import { add, buffer, conv2d, formatShape, gelu, maxPool2d, mul, reshape, UserError, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, Linear, newParameter, type Initializer, type Module } from '@ddlf/nn'
import { PATCH, whiteningFilters } from './patch-whitening.ts'

/** Sizes of the network. */
export interface FastNetOptions {
  /** Maps of the three groups; default 64, 256 and 256. */
  readonly widths?: readonly [number, number, number]
}

/**
 * A fixed whitening of 2x2 patches, three groups of 64, 256 and 256 channels, and a linear layer: 1,971,352 trained
 * parameters. Its input are images of 32x32 with channels of mean 0 and deviation 1. Call `whiten` with training images
 * before the first step.
 * Source: Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, and KellerJordan/cifar10-airbench
 * (airbench94).
 */
export class FastNet implements Module {
  /** The whitening filters: buffers, because training leaves them as they are. */
  readonly whitening: Tensor
  readonly whitening_bias: Tensor
  readonly group1: Group
  readonly group2: Group
  readonly group3: Group
  readonly linear: Linear

  // #region model
  constructor(classes = 10, { widths = [64, 256, 256] }: FastNetOptions = {}) {
    const [one, two, three] = widths
    const filters = new Float32Array(2 * PATCH * PATCH)
    this.whitening = buffer(filters, [2 * PATCH, 3, 2, 2])
    this.whitening_bias = newParameter([2 * PATCH], init.zeros)
    this.group1 = new Group(2 * PATCH, one) //  24 maps of 31x31 to 64 of 15x15
    this.group2 = new Group(one, two) //        256 maps of 7x7
    this.group3 = new Group(two, three) //      256 maps of 3x3
    this.linear = new Linear(three, classes, { bias: false })
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const white = conv2d(images, this.whitening, this.whitening_bias)
    const first = this.group1.forward(gelu(white))
    const maps = this.group3.forward(this.group2.forward(first))
    const largest = maxPool2d(maps, { kernel: 3 }) // one number a map
    const shape = [images.shape[0] as number, this.linear.inFeatures]
    const logits = this.linear.forward(reshape(largest, shape))
    return mul(logits, 1 / 9) // small at first
  }
  // #endregion

  /**
   * Sets the whitening filters.
   * @param images normalised training images, [N, 3, H, W]; 5,000 are plenty
   */
  whiten(images: Float32Array, shape: readonly [number, number, number, number]): void {
    const [count, channels, height, width] = shape
    if (channels !== 3 || images.length !== count * channels * height * width) {
      throw new UserError({
        rule: 'Whitening needs images of three channels.',
        received: `${images.length} numbers as ${formatShape(shape)}`,
      })
    }
    const filters = this.whitening.leaf?.data as Float32Array
    filters.set(whiteningFilters(images, shape))
  }
}

/** conv, pool, norm, GELU, conv, norm, GELU. */
class Group implements Module {
  readonly conv1: Conv2d
  readonly norm1: OffsetNorm
  readonly conv2: Conv2d
  readonly norm2: OffsetNorm

  constructor(from: number, to: number) {
    const settings = { padding: 1, bias: false, init: identityFirst }
    this.conv1 = new Conv2d(from, to, 3, settings)
    this.norm1 = new OffsetNorm(to)
    this.conv2 = new Conv2d(to, to, 3, settings)
    this.norm2 = new OffsetNorm(to)
  }

  // #region group
  forward(x: Tensor): Tensor {
    const smaller = maxPool2d(this.conv1.forward(x), { kernel: 2 })
    const first = gelu(this.norm1.forward(smaller))
    return gelu(this.norm2.forward(this.conv2.forward(first)))
  }
  // #endregion
}

/**
 * The recipe trains offsets 64 times as fast as weights, with the same decay. An offset that is 8 times its parameter
 * is just that: its gradient is 8 times as large and so is its effect, and a share of the parameter is the same share
 * of the offset.
 */
const OFFSET_SCALE = 8

/** Batch norm with a trained offset and no scale, and running statistics that follow quickly. */
class OffsetNorm implements Module {
  readonly norm: BatchNorm2d
  readonly bias: Tensor

  constructor(readonly channels: number) {
    this.norm = new BatchNorm2d(channels, { affine: false, momentum: 0.4, eps: 1e-12 })
    this.bias = newParameter([channels], init.zeros)
  }

  forward(x: Tensor): Tensor {
    return add(this.norm.forward(x), reshape(mul(this.bias, OFFSET_SCALE), [1, this.channels, 1, 1]))
  }
}

/**
 * PyTorch's first weights, but the first `in` of the `out` kernels only pass their channel on, so that groups start as
 * identities.
 */
const identityFirst: Initializer = (shape, key) => {
  const weight = init.kaimingUniform({ slope: Math.sqrt(5) })(shape, key)
  const [outputs, inputs, height, width] = shape as [number, number, number, number]
  const area = height * width
  const passed = Math.min(outputs, inputs)
  weight.fill(0, 0, passed * inputs * area)
  for (let c = 0; c < passed; c++) weight[(c * inputs + c) * area + Math.floor(area / 2)] = 1
  return weight
}
