// Inception networks for 32x32 images: GoogLeNet's blocks, and the factorised blocks that followed.
import { concat, globalAveragePool2d, reshape, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, Linear, MaxPool2d, ReLU, Sequential, type Module } from '@ddlf/nn'

const he = init.kaimingNormal()

/** Convolutions with batch norm and ReLU, one for each [channels, kernel]; images keep their size. */
function branch(from: number, ...steps: readonly (readonly [number, number | readonly [number, number]])[]): Module[] {
  let channels = from
  return steps.flatMap(([to, kernel]) => {
    const [height, width] = typeof kernel === 'number' ? [kernel, kernel] : kernel
    const conv = new Conv2d(channels, to, [height, width], { padding: [(height - 1) / 2, (width - 1) / 2], init: he })
    channels = to
    return [conv, new BatchNorm2d(to), new ReLU()]
  })
}

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

  constructor(from: number, { one, three, five, pool }: InceptionWidths, factorization: Factorization = 'none') {
    const square = (to: number) =>
      factorization === 'asymmetric'
        ? ([
            [to, [1, 3]],
            [to, [3, 1]],
          ] as const)
        : ([[to, 3]] as const)
    this.branches = [
      new Sequential(...branch(from, [one, 1])),
      new Sequential(...branch(from, [three[0], 1], ...square(three[1]))),
      new Sequential(
        ...branch(
          from,
          [five[0], 1],
          ...(factorization === 'none' ? [[five[1], 5] as const] : [...square(five[1]), ...square(five[1])]),
        ),
      ),
      new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), ...branch(from, [pool, 1])),
    ]
    this.channels = one + three[1] + five[1] + pool
  }

  forward(x: Tensor): Tensor {
    return concat(this.branches.map(part => part.forward(x)), 1)
  }
}

const widths = (
  one: number,
  three: readonly [number, number],
  five: readonly [number, number],
  pool: number,
): InceptionWidths => ({ one, three, five, pool })

/** The nine blocks of GoogLeNet, Szegedy et al. 2015, table 1; 'pool' halves the image. */
const BLOCKS: readonly (InceptionWidths | 'pool')[] = [
  widths(64, [96, 128], [16, 32], 32), widths(128, [128, 192], [32, 96], 64), 'pool',
  widths(192, [96, 208], [16, 48], 64), widths(160, [112, 224], [24, 64], 64), widths(128, [128, 256], [24, 64], 64),
  widths(112, [144, 288], [32, 64], 64), widths(256, [160, 320], [32, 128], 128), 'pool',
  widths(256, [160, 320], [32, 128], 128), widths(384, [192, 384], [48, 128], 128),
]

/** Choices of the network. */
export interface GoogLeNetOptions {
  /** Share of the paper's channels, in whole fours; default 0.25, the small network of this course. */
  readonly width?: number
  readonly factorization?: Factorization
}

/**
 * GoogLeNet with a 3x3 stem for 32x32 images and batch norm. At full width and with 'stacked' factorisation it has the
 * 6,166,250 parameters of kuangliu/pytorch-cifar's.
 * Sources: Szegedy et al., "Going deeper with convolutions", 2015; Szegedy et al., "Rethinking the Inception
 * architecture", 2016.
 */
export class GoogLeNet implements Module {
  readonly stem: Sequential
  readonly blocks: Sequential
  readonly linear: Linear

  constructor(classes = 10, { width = 0.25, factorization = 'none' }: GoogLeNetOptions = {}) {
    const scaled = (channels: number) => Math.max(4, Math.round((channels * width) / 4) * 4)
    const both = ([before, after]: readonly [number, number]): [number, number] => [scaled(before), scaled(after)]
    let channels = scaled(192)
    this.stem = new Sequential(...branch(3, [channels, 3]))
    this.blocks = new Sequential(...BLOCKS.map(step => {
      if (step === 'pool') return new MaxPool2d(3, { stride: 2, padding: 1 })
      const block = new InceptionBlock(
        channels,
        { one: scaled(step.one), three: both(step.three), five: both(step.five), pool: scaled(step.pool) },
        factorization,
      )
      channels = block.channels
      return block
    }))
    this.linear = new Linear(channels, classes)
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const features = globalAveragePool2d(this.blocks.forward(this.stem.forward(images)))
    return this.linear.forward(reshape(features, [images.shape[0] as number, this.linear.inFeatures]))
  }
}
