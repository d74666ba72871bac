// The multilayer perceptron of Days 1-2: images in, one logit a class out.
import type { Tensor } from '@ddlf/tensor'
import { BatchNorm1d, Dropout, Flatten, GELU, Linear, ReLU, Sequential, Sigmoid, Tanh, type Module } from '@ddlf/nn'

const activations = { relu: ReLU, tanh: Tanh, sigmoid: Sigmoid, gelu: GELU } as const

/** Names of the activations a perceptron may use. */
export type ActivationName = keyof typeof activations

/** Sizes and parts of a perceptron. */
export interface MlpOptions {
  /** Units in each hidden layer, from the input on. */
  readonly hidden: readonly number[]
  readonly activation: ActivationName
  /** Share of hidden units dropped in training. */
  readonly dropout: number
  /** Share of input pixels dropped in training. */
  readonly inputDropout: number
  /** Normalise each hidden layer over the batch, before its activation. */
  readonly batchNorm: boolean
}

/** A stack of dense layers on flattened images: [N, 1, 28, 28] or [N, 784] to [N, 10]. */
export class Mlp implements Module {
  readonly hidden: readonly Sequential[]
  readonly logits: Linear
  readonly #flatten = new Flatten()
  readonly #inputDropout: Dropout | undefined

  constructor(inputs: number, classes: number, { hidden, activation, dropout, inputDropout, batchNorm }: MlpOptions) {
    const sizes = [inputs, ...hidden]
    this.hidden = hidden.map((units, i) => new Sequential(
      new Linear(sizes[i] ?? inputs, units),
      ...(batchNorm ? [new BatchNorm1d(units)] : []),
      new activations[activation](),
      ...(dropout > 0 ? [new Dropout(dropout)] : []),
    ))
    this.logits = new Linear(sizes.at(-1) ?? inputs, classes)
    this.#inputDropout = inputDropout > 0 ? new Dropout(inputDropout) : undefined
  }

  forward(images: Tensor): Tensor {
    const pixels = this.#flatten.forward(images)
    const seen = this.#inputDropout?.forward(pixels) ?? pixels
    return this.logits.forward(this.hidden.reduce((x, layer) => layer.forward(x), seen))
  }
}
