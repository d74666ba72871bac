// LeNet-5: as in the paper of 1998, and in the form everybody builds today.
import {
  add,
  averagePool2d,
  conv2d,
  matmul,
  mul,
  neg,
  padImages,
  reshape,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
} from '@ddlf/tensor'
import {
  Conv2d,
  init,
  LeakyReLU,
  Linear,
  MaxPool2d,
  namedParameters,
  newParameter,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
  type Module,
} from '@ddlf/nn'
import { digitBitmaps } from './digit-bitmaps.ts'

/** The paper's squashing function, 1.7159 tanh(2/3 x): appendix A. */
const squash = (x: Tensor): Tensor => mul(tanh(mul(x, 2 / 3)), 1.7159)

/** Appendix A: weights uniform in +-2.4 / fan in. */
const firstWeights: init.Initializer = (shape, key) => {
  const limit = 2.4 / init.fans(shape).fanIn
  return init.uniform(-limit, limit)(shape, key)
}

/**
 * A subsampling layer: the sum of each 2x2 window times one trained coefficient a channel, plus one trained bias,
 * squashed.
 */
class Subsampling implements Module {
  readonly weight: Tensor
  readonly bias: Tensor

  constructor(readonly channels: number) {
    // Four inputs share the coefficient.
    this.weight = newParameter([channels], init.uniform(-2.4 / 4, 2.4 / 4))
    this.bias = newParameter([channels], init.zeros)
  }

  forward(x: Tensor): Tensor {
    const over = (value: Tensor) => reshape(value, [1, this.channels, 1, 1])
    return squash(add(mul(averagePool2d(x, { kernel: 2 }), over(mul(this.weight, 4))), over(this.bias)))
  }
}

/** Which maps of S2 each map of C3 sees: the paper's table I. */
const CONNECTIONS: readonly (readonly number[])[] = [
  [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
  [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
  [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
]

/** The partly connected convolution C3: one kernel for every listed pair, kept in one row of numbers. */
class PartialConvolution implements Module {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly #placement: Tensor

  constructor() {
    const pairs = CONNECTIONS.flatMap((inputs, output) =>
      inputs.map(input => ({ output, input, fanIn: inputs.length * 25 })),
    )
    this.weight = newParameter([pairs.length, 25], (_, key) =>
      init
        .uniform(-1, 1)([pairs.length, 25], key)
        .map((value, i) => (value * 2.4) / (pairs[Math.floor(i / 25)]?.fanIn ?? 1)),
    )
    this.bias = newParameter([CONNECTIONS.length], init.zeros)
    // [16 * 6, pairs]: puts each kernel in its place of a full weight and leaves zeros elsewhere.
    const placement = new Float32Array(CONNECTIONS.length * 6 * pairs.length)
    pairs.forEach(({ output, input }, pair) => (placement[(output * 6 + input) * pairs.length + pair] = 1))
    this.#placement = tensor(placement, { shape: [CONNECTIONS.length * 6, pairs.length] })
  }

  forward(x: Tensor): Tensor {
    const weight = reshape(matmul(this.#placement, this.weight), [CONNECTIONS.length, 6, 5, 5])
    return conv2d(x, weight, this.bias)
  }
}

/**
 * LeNet-5 as published: scaled tanh, trained subsampling, the partial connections of C3, and an output layer of fixed
 * radial basis functions whose centres are 7x12 bitmaps of the digits. 60,000 trained parameters.
 * The logits are the negative squared distances: their cross-entropy is the paper's criterion, equation 9, without its
 * constant for rubbish classes.
 * Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, section
 * II.B.
 */
export class LeNet5 implements Module {
  readonly c1 = new Conv2d(1, 6, 5, { init: firstWeights })
  readonly s2 = new Subsampling(6)
  readonly c3 = new PartialConvolution()
  readonly s4 = new Subsampling(16)
  readonly c5 = new Conv2d(16, 120, 5, { init: firstWeights })
  readonly f6 = new Linear(120, 84, { init: firstWeights })
  readonly #centres = digitBitmaps()

  /** @param images [N, 1, 28, 28], surrounded by two pixels of their edge here, or [N, 1, 32, 32] */
  forward(images: Tensor): Tensor {
    const x = images.shape[2] === 28 ? padImages(images, 2, 'replicate') : images
    const s2 = this.s2.forward(squash(this.c1.forward(x)))
    const s4 = this.s4.forward(squash(this.c3.forward(s2)))
    const c5 = squash(this.c5.forward(s4))
    const f6 = squash(this.f6.forward(reshape(c5, [c5.shape[0] as number, 120])))
    // [N, 1, 84] - [10, 84]
    const distances = sum(square(sub(reshape(f6, [f6.shape[0] as number, 1, 84]), this.#centres)), { axes: 2 })
    return neg(distances)
  }
}

const activations = { relu: ReLU, leakyRelu: LeakyReLU, tanh: Tanh, sigmoid: Sigmoid } as const

/** Choices of today's LeNet-5. */
export interface ModernLeNet5Options {
  /** Default relu. */
  readonly activation?: keyof typeof activations
  /** What the first weights (not the biases) are multiplied by; default 1. */
  readonly weightScale?: number
}

/** LeNet-5 as built today: ReLU, max pooling, full connections and a linear output. 61,706 parameters. */
export class ModernLeNet5 implements Module {
  readonly features: Sequential
  readonly classifier: Sequential

  constructor({ activation = 'relu', weightScale = 1 }: ModernLeNet5Options = {}) {
    const Activation = activations[activation]
    this.features = new Sequential(
      new Conv2d(1, 6, 5, { padding: 2 }), new Activation(), new MaxPool2d(2),
      new Conv2d(6, 16, 5), new Activation(), new MaxPool2d(2),
    )
    this.classifier = new Sequential(
      new Linear(400, 120),
      new Activation(),
      new Linear(120, 84),
      new Activation(),
      new Linear(84, 10),
    )
    if (weightScale === 1) return
    for (const { rank, leaf } of namedParameters(this).values())
      if (rank > 1) (leaf?.data as Float32Array).forEach((value, i, all) => (all[i] = value * weightScale))
  }

  /** @param images [N, 1, 28, 28] */
  forward(images: Tensor): Tensor {
    const features = this.features.forward(images)
    return this.classifier.forward(reshape(features, [features.shape[0] as number, 400]))
  }
}
