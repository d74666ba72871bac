// ResNet-18 and ResNet-34 with the stem for 32x32 images.
import { add, globalAveragePool2d, relu, reshape, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, Linear, Sequential, type Module } from '@ddlf/nn'

const he = init.kaimingNormal({ mode: 'fanOut', nonlinearity: 'relu' })
const convolution = (from: number, to: number, kernel: number, stride: number) =>
  new Conv2d(from, to, kernel, { stride, padding: (kernel - 1) / 2, bias: false, init: he })

/** Two convolutions and a shortcut, projected where the shape changes (option B). */
class BasicBlock implements Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly downsample: Sequential | undefined

  constructor(from: number, to: number, stride: number) {
    this.conv1 = convolution(from, to, 3, stride)
    this.bn1 = new BatchNorm2d(to)
    this.conv2 = convolution(to, to, 3, 1)
    this.bn2 = new BatchNorm2d(to)
    this.downsample =
      stride === 1 && from === to ? undefined : new Sequential(convolution(from, to, 1, stride), new BatchNorm2d(to))
  }

  forward(x: Tensor): Tensor {
    const first = relu(this.bn1.forward(this.conv1.forward(x)))
    const second = this.bn2.forward(this.conv2.forward(first))
    return relu(add(second, this.downsample?.forward(x) ?? x))
  }
}

const BLOCKS = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3] } as const

/**
 * ResNet-18 (11,173,962 parameters with 10 classes) or ResNet-34 (21,282,122): a 3x3 convolution instead of the 7x7 one
 * and the pooling, then four stages of 64, 128, 256 and 512 channels. Names of the state are torchvision's. Source: He
 * et al. 2015, table 1; the stem for CIFAR is that of kuangliu/pytorch-cifar.
 */
export class ResNet implements Module {
  readonly conv1 = convolution(3, 64, 3, 1)
  readonly bn1 = new BatchNorm2d(64)
  readonly layer1: Sequential
  readonly layer2: Sequential
  readonly layer3: Sequential
  readonly layer4: Sequential
  readonly fc: Linear

  constructor(classes: number, depth: keyof typeof BLOCKS = 18) {
    const stage = (from: number, to: number, stride: number, blocks: number) =>
      new Sequential(
        ...Array.from({ length: blocks }, (_, i) => new BasicBlock(i === 0 ? from : to, to, i === 0 ? stride : 1)),
      )
    const [first, second, third, fourth] = BLOCKS[depth]
    this.layer1 = stage(64, 64, 1, first)
    this.layer2 = stage(64, 128, 2, second)
    this.layer3 = stage(128, 256, 2, third)
    this.layer4 = stage(256, 512, 2, fourth)
    this.fc = new Linear(512, classes)
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const first = relu(this.bn1.forward(this.conv1.forward(images)))
    const stages = [this.layer1, this.layer2, this.layer3, this.layer4].reduce((x, stage) => stage.forward(x), first)
    return this.fc.forward(reshape(globalAveragePool2d(stages), [images.shape[0] as number, 512]))
  }
}
