// VGG-16 for images of 32x32, and a small network of the same kind.
import { reshape, type Tensor } from '@ddlf/tensor'
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  init,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  type Module,
} from '@ddlf/nn'

/** Channels of each convolution; 'pool' halves the image. VGG-16 is configuration D of the paper. */
const CONFIGURATIONS = {
  'VGG-16': [64, 64, 'pool', 128, 128, 'pool', 256, 256, 256, 'pool', 512, 512, 512, 'pool', 512, 512, 512, 'pool'],
  small: [32, 32, 'pool', 64, 64, 'pool', 128, 128, 'pool'],
} as const

/** Choices of the network. */
export interface VggOptions {
  /** Normalise after each convolution; default yes. */
  readonly batchNorm?: boolean
  /** Dropout between the convolutions and a hidden dense layer of 512, as in Liu and Deng 2015; default no. */
  readonly dropout?: boolean
  /** 'small': six convolutions of 32, 64 and 128 channels, for an hour without a graphics card. Default 'VGG-16'. */
  readonly size?: keyof typeof CONFIGURATIONS
}

/**
 * The thirteen convolutions of VGG-16, configuration D, and one dense layer: 14,728,266 parameters with batch norm and
 * 10 classes, 14,719,818 without. Names of the parameters are torchvision's (`features.0.weight`, `classifier.weight`).
 * The small one has 308,394 and 307,498.
 * Sources: Simonyan and Zisserman 2015; Liu and Deng, "Very deep convolutional neural network based image
 * classification using small training sample size", 2015, for 32x32 with batch norm and dropout.
 */
export class Vgg16 implements Module {
  readonly features: Sequential
  readonly classifier: Module

  constructor(classes = 10, { batchNorm = true, dropout = false, size = 'VGG-16' }: VggOptions = {}) {
    const layers: Module[] = []
    let channels = 3
    const configuration = CONFIGURATIONS[size]
    configuration.forEach((step, i) => {
      if (step === 'pool') {
        layers.push(new MaxPool2d(2))
        return
      }
      layers.push(
        new Conv2d(channels, step, 3, {
          padding: 1,
          init: init.kaimingNormal({ mode: 'fanOut', nonlinearity: 'relu' }),
        }),
      )
      if (batchNorm) layers.push(new BatchNorm2d(step))
      layers.push(new ReLU())
      // After every convolution but the last of its block: 0.3 in the first block, 0.4 in the others.
      if (dropout && configuration[i + 1] !== 'pool') layers.push(new Dropout(i < 2 ? 0.3 : 0.4))
      channels = step
    })
    this.features = new Sequential(...layers)
    const features = size === 'small' ? 128 * 16 : 512
    this.classifier = dropout
      ? new Sequential(
          new Dropout(0.5),
          new Linear(features, 512),
          ...(batchNorm ? [new BatchNorm1d(512)] : []),
          new ReLU(),
          new Dropout(0.5),
          new Linear(512, classes),
        )
      : new Linear(features, classes)
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    const features = this.features.forward(images)
    return this.classifier.forward(
      reshape(features, [features.shape[0] as number, features.size / (features.shape[0] as number)]),
    )
  }
}
