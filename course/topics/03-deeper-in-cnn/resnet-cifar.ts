// The residual networks of section 4.2 for 32x32 images, and the plain networks they are compared with.
import { add, globalAveragePool2d, pad, relu, reshape, slice, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, Linear, Sequential, type Module } from '@ddlf/nn'

/** Choices of the network. */
export interface CifarResNetOptions {
  /** 20, 32, 44, 56, 110: 6 n + 2. */
  readonly depth: number
  /** Whether blocks add their input; without it the network is the paper's plain one. Default yes. */
  readonly residual?: boolean
  /** Whether convolutions are normalised; without it they have biases. Default yes. */
  readonly batchNorm?: boolean
}

const he = init.kaimingNormal()

/** A convolution and what normalises it. */
const convolution = (from: number, to: number, stride: number, batchNorm: boolean) =>
  new Conv2d(from, to, 3, { stride, padding: 1, bias: !batchNorm, init: he })

/** Two convolutions, around which option A carries the input: every second pixel, with zeros for the new channels. */
class BasicBlock implements Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d | undefined
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d | undefined

  constructor(
    readonly from: number,
    readonly to: number,
    readonly stride: number,
    readonly residual: boolean,
    batchNorm: boolean,
  ) {
    this.conv1 = convolution(from, to, stride, batchNorm)
    this.bn1 = batchNorm ? new BatchNorm2d(to) : undefined
    this.conv2 = convolution(to, to, 1, batchNorm)
    this.bn2 = batchNorm ? new BatchNorm2d(to) : undefined
  }

  forward(x: Tensor): Tensor {
    const first = this.conv1.forward(x)
    const second = this.conv2.forward(relu(this.bn1?.forward(first) ?? first))
    const normalized = this.bn2?.forward(second) ?? second
    return relu(this.residual ? add(normalized, this.#shortcut(x)) : normalized)
  }

  #shortcut(x: Tensor): Tensor {
    if (this.stride === 1 && this.from === this.to) return x
    const every = slice(slice(x, { axis: 2, step: this.stride }), { axis: 3, step: this.stride })
    const missing = (this.to - this.from) / 2
    return pad(every, [
      [0, 0],
      [missing, missing],
      [0, 0],
      [0, 0],
    ])
  }
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

  constructor(classes: number, { depth, residual = true, batchNorm = true }: CifarResNetOptions) {
    const blocks = (depth - 2) / 6
    if (!Number.isInteger(blocks) || blocks < 1)
      throw new RangeError(`A CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, 110), not ${depth}.`)
    const stage = (from: number, to: number, stride: number) =>
      new Sequential(
        ...Array.from(
          { length: blocks },
          (_, i) => new BasicBlock(i === 0 ? from : to, to, i === 0 ? stride : 1, residual, batchNorm),
        ),
      )
    this.conv1 = convolution(3, 16, 1, batchNorm)
    this.bn1 = batchNorm ? new BatchNorm2d(16) : undefined
    this.layer1 = stage(16, 16, 1)
    this.layer2 = stage(16, 32, 2)
    this.layer3 = stage(32, 64, 2)
    this.linear = new Linear(64, classes, { init: he })
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const first = this.conv1.forward(images)
    const stages = [this.layer1, this.layer2, this.layer3].reduce(
      (x, stage) => stage.forward(x),
      relu(this.bn1?.forward(first) ?? first),
    )
    return this.linear.forward(reshape(globalAveragePool2d(stages), [images.shape[0] as number, 64]))
  }
}
