// LeNet-1 and LeNet-4: LeNet-5's smaller siblings, with the activations and the pooling of today.
import type { Tensor } from '@ddlf/tensor'
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, type Module } from '@ddlf/nn'

/**
 * LeNet-1: 4 and 12 maps, classes: 3,246 parameters. LeNet-4: 4 and 16 maps, 120 units, classes: 51,050 parameters.
 * Every map sees all maps before it, unlike in 1998. Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based
 * learning applied to document recognition", 1998, section III.C.
 */
export class SmallLeNet implements Module {
  readonly features: Sequential
  readonly classifier: Sequential

  // #region model
  constructor(size: 'LeNet-1' | 'LeNet-4') {
    const [padding, maps, numbers] = size === 'LeNet-1' ? [0, 12, 12 * 4 * 4] : [2, 16, 16 * 5 * 5]
    this.features = new Sequential(
      new Conv2d(1, 4, 5, { padding }), new ReLU(), new MaxPool2d(2),
      new Conv2d(4, maps, 5), new ReLU(), new MaxPool2d(2),
      new Flatten(),
    )
    this.classifier =
      size === 'LeNet-1'
        ? new Sequential(new Linear(numbers, 10))
        : new Sequential(new Linear(numbers, 120), new ReLU(), new Linear(120, 10))
  }

  forward(images: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(images))
  }
  // #endregion
}
