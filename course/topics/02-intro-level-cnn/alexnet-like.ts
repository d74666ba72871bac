// The AlexNet-like network of the TensorFlow tutorial for CIFAR-10, with local response normalisation or with batch
// norm.
import { relu, type Tensor } from '@ddlf/tensor'
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  init,
  Linear,
  LocalResponseNorm,
  MaxPool2d,
  Sequential,
  type Initializer,
  type Module,
} from '@ddlf/nn'

/**
 * conv 5x5-64, pool, norm, conv 5x5-64, norm, pool, 384, 192, classes: [N, 3, imageSize, imageSize] to [N, classes].
 * With 24x24 crops 1,068,298 parameters.
 * Sources: TensorFlow's CIFAR-10 tutorial (cifar10.py); Krizhevsky, Sutskever and Hinton 2012 for the normalisation.
 */
export class AlexNetLike implements Module {
  readonly conv1: Conv2d
  readonly norm1: Module
  readonly conv2: Conv2d
  readonly norm2: Module
  readonly local3: Linear
  readonly local4: Linear
  readonly logits: Linear

  // #region model
  constructor(classes = 10, { imageSize = 32, normalization, firstWeights }: AlexNetLikeOptions = {}) {
    const start = starts(firstWeights)
    this.conv1 = new Conv2d(3, 64, 5, { padding: 2, init: start(0.05) })
    this.norm1 = normalizationOf(64, normalization)
    this.conv2 = new Conv2d(64, 64, 5, { padding: 2, init: start(0.05) })
    this.norm2 = normalizationOf(64, normalization)
    this.local3 = new Linear(64 * Math.ceil(imageSize / 4) ** 2, 384, { init: start(0.04) })
    this.local4 = new Linear(384, 192, { init: start(0.04) })
    this.logits = new Linear(192, classes, { init: start(1 / 192) })
  }

  forward(images: Tensor): Tensor {
    const first = this.norm1.forward(pool.forward(relu(this.conv1.forward(images))))
    const second = pool.forward(this.norm2.forward(relu(this.conv2.forward(first))))
    const dense = relu(this.local3.forward(flatten.forward(second)))
    return this.logits.forward(relu(this.local4.forward(dense)))
  }
  // #endregion
}

/** Choices of the network. */
export interface AlexNetLikeOptions {
  /** Height and width of the images; the tutorial crops 24x24. Default 32. */
  readonly imageSize?: number
  /** What normalises the two convolutions; default 'local response', as in the tutorial. */
  readonly normalization?: 'local response' | 'batch' | 'none'
  /**
   * First weights: the tutorial's truncated normals ('tutorial', default: 0.05 for convolutions, 0.04 for dense layers,
   * 1 / 192 for the last), or He's ('he').
   */
  readonly firstWeights?: 'tutorial' | 'he'
}

/** Windows of 3 that move by 2 and cover the last row and column too: 'SAME' padding of an even size. */
const pool = new MaxPool2d(3, { stride: 2, padding: { bottom: 1, right: 1 } })
const flatten = new Flatten()

function normalizationOf(channels: number, kind: AlexNetLikeOptions['normalization'] = 'local response'): Module {
  if (kind === 'batch') return new BatchNorm2d(channels)
  if (kind === 'none') return new Sequential()
  // lrn(depth_radius 4, bias 1, alpha 0.001 / 9, beta 0.75): TensorFlow multiplies the sum over 9 channels.
  return new LocalResponseNorm(9, { alpha: 0.001, beta: 0.75, k: 1 })
}

/** From a standard deviation to first weights. As in TensorFlow, two standard deviations are the limits. */
const starts = (kind: AlexNetLikeOptions['firstWeights'] = 'tutorial') => (standardDeviation: number): Initializer =>
  kind === 'he'
    ? init.kaimingNormal()
    : init.truncatedNormal({ standardDeviation, low: -2 * standardDeviation, high: 2 * standardDeviation })
