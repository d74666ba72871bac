// Inception networks for 32x32 images: GoogLeNet's nine blocks, or those of the factorised blocks that followed.
import { globalAveragePool2d, reshape, type Tensor } from '@ddlf/tensor'
import { Linear, MaxPool2d, Sequential, type Module } from '@ddlf/nn'
import { InceptionBlock, unit, type Factorization, type InceptionWidths } from './inception-block.ts'

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

  // #region model
  constructor(classes = 10, { width = 0.25, factorization = 'none' }: GoogLeNetOptions = {}) {
    const scaled = (channels: number) => Math.max(4, Math.round((channels * width) / 4) * 4)
    let channels = scaled(192)
    this.stem = new Sequential(...unit(3, channels, 3))
    this.blocks = new Sequential(...BLOCKS.map(step => {
      if (step === 'pool') return new MaxPool2d(3, { stride: 2, padding: 1 })
      const block = new InceptionBlock(channels, scaledWidths(step, scaled), factorization)
      channels = block.channels
      return block
    }))
    this.linear = new Linear(channels, classes)
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const maps = this.blocks.forward(this.stem.forward(images))
    const means = reshape(globalAveragePool2d(maps), [images.shape[0] as number, this.linear.inFeatures])
    return this.linear.forward(means)
  }
  // #endregion
}

const scaledWidths = ({ one, three, five, pool }: InceptionWidths, scaled: (channels: number) => number) => ({
  one: scaled(one),
  three: [scaled(three[0]), scaled(three[1])] as const,
  five: [scaled(five[0]), scaled(five[1])] as const,
  pool: scaled(pool),
})

const widths = (
  one: number, three: readonly [number, number], five: readonly [number, number], pool: number,
): InceptionWidths => ({ one, three, five, pool })

/** The nine blocks of GoogLeNet, Szegedy et al. 2015, table 1; 'pool' halves the image. */
const BLOCKS: readonly (InceptionWidths | 'pool')[] = [
  widths(64, [96, 128], [16, 32], 32), widths(128, [128, 192], [32, 96], 64), 'pool',
  widths(192, [96, 208], [16, 48], 64), widths(160, [112, 224], [24, 64], 64), widths(128, [128, 256], [24, 64], 64),
  widths(112, [144, 288], [32, 64], 64), widths(256, [160, 320], [32, 128], 128), 'pool',
  widths(256, [160, 320], [32, 128], 128), widths(384, [192, 384], [48, 128], 128),
]
