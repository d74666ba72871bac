// LeNet-1 and LeNet-4: LeNet-5's smaller siblings, with the activations and the pooling of today.
import { reshape, type Tensor } from '@ddlf/tensor'
import { Conv2d, Linear, MaxPool2d, ReLU, Sequential, type Module } from '@ddlf/nn'

const convolutions = (padding: number, ...[first, second]: readonly [number, number]) => new Sequential(
  new Conv2d(1, first, 5, { padding }), new ReLU(), new MaxPool2d(2),
  new Conv2d(first, second, 5), new ReLU(), new MaxPool2d(2),
)

/**
 * LeNet-1: 4 and 12 maps, classes: 3,246 parameters. LeNet-4: 4 and 16 maps, 120 units, classes: 51,050 parameters.
 * Every map sees all maps before it, unlike in 1998. Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based
 * learning applied to document recognition", 1998, section III.C.
 */
export class SmallLeNet implements Module {
  readonly features: Sequential
  readonly classifier: Sequential

  constructor(size: 'LeNet-1' | 'LeNet-4') {
    this.features = size === 'LeNet-1' ? convolutions(0, 4, 12) : convolutions(2, 4, 16)
    this.classifier =
      size === 'LeNet-1'
        ? new Sequential(new Linear(192, 10))
        : new Sequential(new Linear(400, 120), new ReLU(), new Linear(120, 10))
  }

  /** @param images [N, 1, 28, 28] */
  forward(images: Tensor): Tensor {
    const features = this.features.forward(images)
    return this.classifier.forward(
      reshape(features, [features.shape[0] as number, features.size / (features.shape[0] as number)]),
    )
  }
}
