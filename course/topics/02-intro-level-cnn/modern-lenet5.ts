// LeNet-5 in the form everybody builds today: ReLU, max pooling, full connections and a linear output.
import type { Tensor } from '@ddlf/tensor'
import {
  Conv2d,
  Flatten,
  LeakyReLU,
  Linear,
  MaxPool2d,
  namedParameters,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
  type Module,
} from '@ddlf/nn'

/** LeNet-5 as built today: [N, 1, 28, 28] to [N, 10]. 61,706 parameters. */
export class ModernLeNet5 implements Module {
  readonly features: Sequential
  readonly classifier: Sequential

  // #region model
  constructor({ activation = 'relu', weightScale = 1 }: ModernLeNet5Options = {}) {
    const bend = () => new activations[activation]()
    this.features = new Sequential(
      new Conv2d(1, 6, 5, { padding: 2 }), bend(), new MaxPool2d(2), // 6 maps of 14x14
      new Conv2d(6, 16, 5), bend(), new MaxPool2d(2), //               16 maps of 5x5
      new Flatten(), //                                                400 numbers
    )
    this.classifier = new Sequential(
      new Linear(400, 120), bend(),
      new Linear(120, 84), bend(),
      new Linear(84, 10), //                                           a logit for each digit
    )
    if (weightScale !== 1) multiplyWeights(this, weightScale)
  }

  forward(images: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(images))
  }
  // #endregion
}

const activations = { relu: ReLU, leakyRelu: LeakyReLU, tanh: Tanh, sigmoid: Sigmoid } as const

/** Choices of today's LeNet-5. */
export interface ModernLeNet5Options {
  /** Default relu. */
  readonly activation?: keyof typeof activations
  /** What the first weights (not the biases) are multiplied by; default 1. */
  readonly weightScale?: number
}

function multiplyWeights(model: Module, factor: number): void {
  for (const { rank, leaf } of namedParameters(model).values())
    if (rank > 1) (leaf?.data as Float32Array).forEach((value, i, all) => (all[i] = value * factor))
}
