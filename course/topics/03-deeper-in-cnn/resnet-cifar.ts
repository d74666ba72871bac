// The residual networks of section 4.2 for 32x32 images, and the plain networks they are compared with.
import { globalAveragePool2d, relu, reshape, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Linear, Sequential, type Conv2d, type Module } from '@ddlf/nn'
import { conv3x3, he, normalised, ResidualBlock } from './residual-block.ts'

/** Choices of the network. */
export interface CifarResNetOptions {
  /** 20, 32, 44, 56, 110: 6 n + 2. */
  readonly depth: number
  /** Whether blocks add their input; without it the network is the paper's plain one. Default yes. */
  readonly residual?: boolean
  /** Whether convolutions are normalised; without it they have biases. Default yes. */
  readonly batchNorm?: boolean
}

/**
 * conv 3x3-16, three stages of n blocks with 16, 32 and 64 channels, global average, classes. Parameters with batch
 * norm and 10 classes: 269,722 (20 layers), 464,154 (32), 658,586 (44), 853,018 (56), 1,727,962 (110). Names of the
 * state are those of akamaster/pytorch_resnet_cifar10. Source: He, Zhang, Ren and Sun, "Deep residual learning for
 * image recognition", 2015, section 4.2.
 */
export class CifarResNet implements Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d | undefined
  readonly layer1: Sequential
  readonly layer2: Sequential
  readonly layer3: Sequential
  readonly linear: Linear

  // #region model
  constructor(classes: number, options: CifarResNetOptions) {
    const { depth, residual = true, batchNorm = true } = options
    const block = (from: number, to: number, stride: number) =>
      new ResidualBlock(from, to, { stride, residual, batchNorm })
    const stage = (from: number, to: number, stride: number) =>
      new Sequential(
        block(from, to, stride), // smaller pictures, more maps
        ...times(blocksOf(depth) - 1, () => block(to, to, 1)),
      )
    this.conv1 = conv3x3(3, 16, 1, !batchNorm)
    this.bn1 = batchNorm ? new BatchNorm2d(16) : undefined
    this.layer1 = stage(16, 16, 1) //  16 maps of 32x32
    this.layer2 = stage(16, 32, 2) //  32 maps of 16x16
    this.layer3 = stage(32, 64, 2) //  64 maps of 8x8
    this.linear = new Linear(64, classes, { init: he })
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const sums = this.conv1.forward(images)
    const first = relu(normalised(this.bn1, sums))
    const second = this.layer2.forward(this.layer1.forward(first))
    const maps = this.layer3.forward(second)
    const means = globalAveragePool2d(maps) // one number a map
    const shape = [images.shape[0] as number, 64]
    return this.linear.forward(reshape(means, shape))
  }
  // #endregion
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

/** Blocks of each of the three stages: every block has two layers, the first convolution and the last layer two. */
function blocksOf(depth: number): number {
  const blocks = (depth - 2) / 6
  if (Number.isInteger(blocks) && blocks >= 1) return blocks
  throw new RangeError(`A CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, 110), not ${depth}.`)
}
