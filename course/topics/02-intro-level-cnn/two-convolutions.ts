// The network of two convolutions that Fashion-MNIST's page lists with fewer than 100,000 parameters.
import { reshape, type Tensor } from '@ddlf/tensor'
import { Conv2d, Dropout, Linear, MaxPool2d, ReLU, Sequential, type Module } from '@ddlf/nn'

/** conv 3x3-32, pool, conv 3x3-64, pool, dropout, classes: 50,186 parameters. */
export class TwoConvolutions implements Module {
  readonly features = new Sequential(
    new Conv2d(1, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2),
    new Conv2d(32, 64, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2),
  )
  readonly classifier: Linear
  readonly #dropout: Dropout

  /** @param options `dropout` before the dense layer, default 0.3 */
  constructor(classes = 10, { dropout = 0.3 }: { readonly dropout?: number } = {}) {
    this.classifier = new Linear(64 * 7 * 7, classes)
    this.#dropout = new Dropout(dropout)
  }

  /** @param images [N, 1, 28, 28] */
  forward(images: Tensor): Tensor {
    const features = this.features.forward(images)
    return this.classifier.forward(this.#dropout.forward(reshape(features, [features.shape[0] as number, 64 * 7 * 7])))
  }
}
