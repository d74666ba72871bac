// VGG-16 for images of 32x32, and a small network of the same kind.
import type { Tensor } from '@ddlf/tensor'
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  init,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  type Module,
} from '@ddlf/nn'

/**
 * The thirteen convolutions of VGG-16, configuration D, and one dense layer: [N, 3, 32, 32] to [N, classes].
 * 14,728,266 parameters with batch norm and 10 classes, 14,719,818 without. Names of the parameters are torchvision's
 * (`features.0.weight`, `classifier.weight`). The small one has 308,394 and 307,498.
 * Sources: Simonyan and Zisserman 2015; Liu and Deng, "Very deep convolutional neural network based image
 * classification using small training sample size", 2015, for 32x32 with batch norm and dropout.
 */
export class Vgg16 implements Module {
  readonly features: Sequential
  readonly classifier: Module

  // #region model
  constructor(classes = 10, { batchNorm = true, dropout = false, size = 'VGG-16' }: VggOptions = {}) {
    const layers: Module[] = []
    let channels = 3
    for (const widths of blocks[size]) {
      for (const [i, width] of widths.entries()) {
        layers.push(convolution(channels, width))
        if (batchNorm) layers.push(new BatchNorm2d(width))
        layers.push(new ReLU())
        if (dropout && i < widths.length - 1) layers.push(new Dropout(channels === 3 ? 0.3 : 0.4))
        channels = width
      }
      layers.push(new MaxPool2d(2))
    }
    this.features = new Sequential(...layers, new Flatten())
    const numbers = size === 'small' ? 128 * 4 * 4 : 512
    this.classifier = dropout ? hiddenAndLogits(numbers, classes, batchNorm) : new Linear(numbers, classes)
  }

  forward(images: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(images))
  }
  // #endregion
}

/** Choices of the network. */
export interface VggOptions {
  /** Normalise after each convolution; default yes. */
  readonly batchNorm?: boolean
  /**
   * Dropout between the convolutions of a block (0.3 in the first, then 0.4) and around a hidden dense layer of 512, as
   * in Liu and Deng 2015; default no.
   */
  readonly dropout?: boolean
  /** 'small': six convolutions of 32, 64 and 128 channels, for an hour without a graphics card. Default 'VGG-16'. */
  readonly size?: keyof typeof blocks
}

// #region blocks
/** Channels of each convolution, block by block; a pooling ends each block. VGG-16 is configuration D of the paper. */
const blocks = {
  'VGG-16': [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]],
  small: [[32, 32], [64, 64], [128, 128]],
} as const
// #endregion

const convolution = (from: number, to: number) =>
  new Conv2d(from, to, 3, { padding: 1, init: init.kaimingNormal({ mode: 'fanOut', nonlinearity: 'relu' }) })

const hiddenAndLogits = (numbers: number, classes: number, batchNorm: boolean) =>
  new Sequential(
    new Dropout(0.5),
    new Linear(numbers, 512),
    ...(batchNorm ? [new BatchNorm1d(512)] : []),
    new ReLU(),
    new Dropout(0.5),
    new Linear(512, classes),
  )
