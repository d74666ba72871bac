// The small networks of cuda-convnet's examples for CIFAR-10.
import { relu, type Tensor } from '@ddlf/tensor'
import {
  AvgPool2d, Conv2d, Flatten, init, Linear, LocalResponseNorm, MaxPool2d, Sequential, type Module,
} from '@ddlf/nn'

/** Windows of 3 that move by 2 and cover the last row and column too. */
const windows = { stride: 2, padding: { bottom: 1, right: 1 } } as const
const he = init.kaimingNormal()

/**
 * Three convolutions of 5x5 with 32, 32 and 64 channels, each before a pooling of 3x3 windows (the largest element,
 * then averages). The network named after its error of 26 % ends with dense layers of 64 and 10: 145,578 parameters.
 * That of 18 % normalises local responses behind the first two poolings and ends with one dense layer: 89,578. The
 * first weights are He's; the originals start from normals of small deviations chosen layer by layer. The originals'
 * normalisation looks at neighbours within a map, this one at neighbouring maps, as AlexNet's does. Source: Krizhevsky,
 * cuda-convnet, example layers "80sec" and "18pct", 2012.
 */
export class ConvNet implements Module {
  // #region model
  readonly conv1 = new Conv2d(3, 32, 5, { padding: 2, init: he })
  readonly norm1: Module
  readonly conv2 = new Conv2d(32, 32, 5, { padding: 2, init: he })
  readonly norm2: Module
  readonly conv3 = new Conv2d(32, 64, 5, { padding: 2, init: he })
  readonly hidden: Module
  readonly logits: Linear
  readonly #largest = new MaxPool2d(3, windows)
  readonly #average = new AvgPool2d(3, { ...windows, countPadding: false })
  readonly #flatten = new Flatten()

  constructor(classes = 10, { normalized = false } = {}) {
    const norm = () => (normalized ? new LocalResponseNorm(3, { alpha: 5e-5, beta: 0.75, k: 1 }) : new Sequential())
    this.norm1 = norm()
    this.norm2 = norm()
    // The original's hidden dense layer has no activation.
    this.hidden = normalized ? new Sequential() : new Linear(64 * 4 * 4, 64, { init: he })
    this.logits = new Linear(normalized ? 64 * 4 * 4 : 64, classes)
  }

  forward(images: Tensor): Tensor {
    const first = this.norm1.forward(relu(this.#largest.forward(this.conv1.forward(images)))) // 32 maps of 16x16
    const second = this.norm2.forward(this.#average.forward(relu(this.conv2.forward(first)))) // 32 maps of 8x8
    const third = this.#average.forward(relu(this.conv3.forward(second))) //                     64 maps of 4x4
    return this.logits.forward(this.hidden.forward(this.#flatten.forward(third)))
  }
  // #endregion
}
