// The network of two convolutions that Fashion-MNIST's page lists with fewer than 100,000 parameters.
import type { Tensor } from '@ddlf/tensor'
import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, type Module } from '@ddlf/nn'

/** conv 3x3-32, pool, conv 3x3-64, pool, dropout, classes: [N, 1, 28, 28] to [N, classes]. 50,186 parameters. */
export class TwoConvolutions implements Module {
  // #region model
  readonly features = new Sequential(
    new Conv2d(1, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), //  32 maps of 14x14
    new Conv2d(32, 64, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), // 64 maps of 7x7
    new Flatten(), //                                                       3,136 numbers
  )
  readonly classifier: Linear
  readonly #dropout: Dropout

  constructor(classes = 10, { dropout = 0.3 } = {}) {
    this.classifier = new Linear(64 * 7 * 7, classes)
    this.#dropout = new Dropout(dropout)
  }

  forward(images: Tensor): Tensor {
    return this.classifier.forward(this.#dropout.forward(this.features.forward(images)))
  }
  // #endregion
}
