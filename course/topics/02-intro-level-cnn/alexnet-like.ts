// The AlexNet-like network of the TensorFlow tutorial for CIFAR-10, with local response normalisation or with batch
// norm.
import { relu, reshape, type Tensor } from '@ddlf/tensor'
import { BatchNorm2d, Conv2d, init, Linear, LocalResponseNorm, MaxPool2d, type Module } from '@ddlf/nn'

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

/** As in TensorFlow: two standard deviations are the limits. */
const truncated = (standardDeviation: number) =>
  init.truncatedNormal({ standardDeviation, low: -2 * standardDeviation, high: 2 * standardDeviation })

/** Windows of 3 that move by 2 and cover the last row and column too: 'SAME' padding of an even size. */
const pool = () => new MaxPool2d(3, { stride: 2, padding: { bottom: 1, right: 1 } })

/**
 * conv 5x5-64, pool, norm, conv 5x5-64, norm, pool, 384, 192, classes. With 24x24 crops 1,068,298 parameters.
 * Sources: TensorFlow's CIFAR-10 tutorial (cifar10.py); Krizhevsky, Sutskever and Hinton 2012 for the normalisation.
 */
export class AlexNetLike implements Module {
  readonly conv1: Conv2d
  readonly norm1: Module | undefined
  readonly conv2: Conv2d
  readonly norm2: Module | undefined
  readonly local3: Linear
  readonly local4: Linear
  readonly logits: Linear
  readonly #pool1 = pool()
  readonly #pool2 = pool()

  constructor(
    classes = 10,
    { imageSize = 32, normalization = 'local response', firstWeights = 'tutorial' }: AlexNetLikeOptions = {},
  ) {
    const weights = (standardDeviation: number) => ({
      init: firstWeights === 'tutorial' ? truncated(standardDeviation) : init.kaimingNormal(),
    })
    // lrn(depth_radius 4, bias 1, alpha 0.001 / 9, beta 0.75): TensorFlow multiplies the sum over 9 channels.
    const norm = (): Module | undefined =>
      normalization === 'local response'
        ? new LocalResponseNorm(9, { alpha: 0.001, beta: 0.75, k: 1 })
        : normalization === 'batch'
          ? new BatchNorm2d(64)
          : undefined
    this.conv1 = new Conv2d(3, 64, 5, { padding: 2, ...weights(0.05) })
    this.norm1 = norm()
    this.conv2 = new Conv2d(64, 64, 5, { padding: 2, ...weights(0.05) })
    this.norm2 = norm()
    const features = 64 * Math.ceil(imageSize / 4) ** 2
    this.local3 = new Linear(features, 384, weights(0.04))
    this.local4 = new Linear(384, 192, weights(0.04))
    this.logits = new Linear(192, classes, weights(1 / 192))
  }

  /** @param images [N, 3, imageSize, imageSize] */
  forward(images: Tensor): Tensor {
    const pooled = this.#pool1.forward(relu(this.conv1.forward(images)))
    const second = relu(this.conv2.forward(this.norm1?.forward(pooled) ?? pooled))
    const features = this.#pool2.forward(this.norm2?.forward(second) ?? second)
    const dense = relu(this.local3.forward(reshape(features, [features.shape[0] as number, this.local3.inFeatures])))
    return this.logits.forward(relu(this.local4.forward(dense)))
  }
}
