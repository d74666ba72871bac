// Small nets of books, examples and benchmarks for pictures of 28x28, each built as its source builds it.
import { add, conv2d, matmul, maxPool2d, relu, reshape, sigmoid, type Tensor } from '@ddlf/tensor'
import {
  AdaptiveAvgPool2d, BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Flatten, init, Linear, MaxPool2d, newParameter, ReLU,
  Sequential, Tanh, type Initializer, type Module,
} from '@ddlf/nn'

/** What a net of Nielsen's chapter 6 is made of. */
interface NielsenOptions {
  /** Maps of each convolution of 5x5; each is followed by a pooling of 2x2. */
  readonly maps: readonly number[]
  readonly activation: 'sigmoid' | 'relu'
}

/**
 * Convolutions of 5x5, each pooled before its bias and activation, a dense layer of 100, and a softmax that begins at
 * zero. First weights are normal with deviation 1 / sqrt(fan out), first biases normal with deviation 1.
 * Source: Nielsen, "Neural networks and deep learning", 2015, chapter 6 and network3.py.
 */
export class NielsenNet implements Module {
  readonly convolutions: readonly { readonly weight: Tensor; readonly bias: Tensor }[]
  readonly dense: { readonly weight: Tensor; readonly bias: Tensor }
  readonly logits: { readonly weight: Tensor; readonly bias: Tensor }
  readonly #activation: (x: Tensor) => Tensor
  readonly #flatten = new Flatten()

  constructor({ maps, activation }: NielsenOptions) {
    const normal = (shape: readonly number[], fanOut: number) =>
      newParameter(shape, init.normal(0, 1 / Math.sqrt(fanOut)))
    const bias = (count: number) => newParameter([count], init.normal(0, 1))
    this.convolutions = maps.map((count, i) => ({
      weight: normal([count, maps[i - 1] ?? 1, 5, 5], (count * 25) / 4),
      bias: bias(count),
    }))
    // 28, 12, 4 pixels a side.
    const side = maps.reduce(size => (size - 4) / 2, 28)
    this.dense = { weight: normal([(maps.at(-1) ?? 1) * side * side, 100], 100), bias: bias(100) }
    this.logits = { weight: newParameter([100, 10], init.zeros), bias: newParameter([10], init.zeros) }
    this.#activation = activation === 'relu' ? relu : sigmoid
  }

  /** @param images [N, 1, 28, 28] */
  forward(images: Tensor): Tensor {
    const found = this.convolutions.reduce((x, { weight, bias }) => {
      const pooled = maxPool2d(conv2d(x, weight), { kernel: 2 })
      return this.#activation(add(pooled, reshape(bias, [1, bias.size, 1, 1])))
    }, images)
    const { dense, logits } = this
    const hidden = this.#activation(add(matmul(this.#flatten.forward(found), dense.weight), dense.bias))
    return add(matmul(hidden, logits.weight), logits.bias)
  }
}

/** Caffe's "xavier": uniform with the variance 1 / fan in. */
const caffeXavier: Initializer = (shape, key) => {
  const limit = Math.sqrt(3 / init.fans(shape).fanIn)
  return init.uniform(-limit, limit)(shape, key)
}

const glorot = init.xavierUniform()

/** Glorot's limits as the Deep Learning Tutorials take them: the fan out is divided by the pooling's size. */
const pooledGlorot: Initializer = (shape, key) => {
  const { fanIn, fanOut } = init.fans(shape)
  const limit = Math.sqrt(6 / (fanIn + (shape.length === 4 ? fanOut / 4 : fanOut)))
  return init.uniform(-limit, limit)(shape, key)
}

const tutorialNormal = init.truncatedNormal({ standardDeviation: 0.05, low: -0.1, high: 0.1 })

/** The nets by name, all [N, 1, 28, 28] to [N, 10]. */
export const publishedConvnets = {
  /** Nielsen, chapter 6: a dense layer of 100 alone. */
  'nielsen-dense': () => new NielsenNet({ maps: [], activation: 'sigmoid' }),
  'nielsen-one': () => new NielsenNet({ maps: [20], activation: 'sigmoid' }),
  'nielsen-two': () => new NielsenNet({ maps: [20, 40], activation: 'sigmoid' }),
  'nielsen-relu': () => new NielsenNet({ maps: [20, 40], activation: 'relu' }),
  /** keras-io, examples/vision/mnist_convnet: 34,826 parameters. */
  'keras': () => new Sequential(
    new Conv2d(1, 32, 3, { init: glorot }), new ReLU(), new MaxPool2d(2),
    new Conv2d(32, 64, 3, { init: glorot }), new ReLU(), new MaxPool2d(2),
    new Flatten(), new Dropout(0.5), new Linear(1600, 10, { init: glorot }),
  ),
  /** Caffe, examples/mnist/lenet: no activation behind the convolutions. */
  'caffe': () => new Sequential(
    new Conv2d(1, 20, 5, { init: caffeXavier }), new MaxPool2d(2),
    new Conv2d(20, 50, 5, { init: caffeXavier }), new MaxPool2d(2),
    new Flatten(), new Linear(800, 500, { init: caffeXavier }), new ReLU(), new Linear(500, 10, { init: caffeXavier }),
  ),
  /** Deep Learning Tutorials, doc/lenet. */
  'tutorials': () => new Sequential(
    new Conv2d(1, 20, 5, { init: pooledGlorot }), new MaxPool2d(2), new Tanh(),
    new Conv2d(20, 50, 5, { init: pooledGlorot }), new MaxPool2d(2), new Tanh(),
    new Flatten(), new Linear(800, 500, { init: pooledGlorot }), new Tanh(), new Linear(500, 10, { init: init.zeros }),
  ),
  /** CNTK, Examples/Image/GettingStarted/02_OneConv. */
  'cntk': () => new Sequential(
    new Conv2d(1, 16, 5, { padding: 2, init: glorot }), new ReLU(), new MaxPool2d(2),
    new Flatten(), new Linear(3136, 64, { init: glorot }), new ReLU(), new Linear(64, 10, { init: glorot }),
  ),
  /** 03_OneConvDropout: the same with half of what is pooled dropped. */
  'cntk-dropout': () => new Sequential(
    new Conv2d(1, 16, 5, { padding: 2, init: glorot }), new ReLU(), new MaxPool2d(2), new Dropout(0.5),
    new Flatten(), new Linear(3136, 64, { init: glorot }), new ReLU(), new Linear(64, 10, { init: glorot }),
  ),
  /** 04_OneConvBN: normalised over the batch before each activation. */
  'cntk-norm': () => new Sequential(
    new Conv2d(1, 16, 5, { padding: 2, init: glorot, bias: false }), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2),
    new Flatten(), new Linear(3136, 64, { init: glorot }), new BatchNorm1d(64), new ReLU(),
    new Linear(64, 10, { init: glorot }),
  ),
  /** Dive into Deep Learning, optimization/lr-scheduler: LeNet with ReLU and PyTorch's first weights. */
  'd2l': () => new Sequential(
    new Conv2d(1, 6, 5, { padding: 2 }), new ReLU(), new MaxPool2d(2),
    new Conv2d(6, 16, 5), new ReLU(), new MaxPool2d(2),
    new Flatten(), new Linear(400, 120), new ReLU(), new Linear(120, 84), new ReLU(), new Linear(84, 10),
  ),
  /** keras-io, examples/vision/mixup. */
  'keras-mixup': () => new Sequential(
    new Conv2d(1, 16, 5, { init: glorot }), new ReLU(), new MaxPool2d(2),
    new Conv2d(16, 32, 5, { init: glorot }), new ReLU(), new MaxPool2d(2),
    new Dropout(0.2), new AdaptiveAvgPool2d(1), new Flatten(),
    new Linear(32, 128, { init: glorot }), new ReLU(), new Linear(128, 10, { init: glorot }),
  ),
  /** DeepOBS, 2c2d. */
  'deepobs': () => new Sequential(
    new Conv2d(1, 32, 5, { padding: 2, init: tutorialNormal }), new ReLU(), new MaxPool2d(2),
    new Conv2d(32, 64, 5, { padding: 2, init: tutorialNormal }), new ReLU(), new MaxPool2d(2),
    new Flatten(), new Linear(3136, 1024, { init: tutorialNormal }), new ReLU(),
    new Linear(1024, 10, { init: tutorialNormal }),
  ),
} as const satisfies Record<string, () => Module>

/** Names of the nets. */
export type PublishedConvnet = keyof typeof publishedConvnets
