// The multilayer perceptron of Days 1-2: images in, one logit a class out.
import type { Tensor } from '@ddlf/tensor'
import {
  BatchNorm1d,
  Dropout,
  Flatten,
  GELU,
  init,
  Linear,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
  type Initializer,
  type Module,
} from '@ddlf/nn'

const activations = { relu: ReLU, tanh: Tanh, sigmoid: Sigmoid, gelu: GELU } as const

const initialisations: Readonly<
  Record<'pytorch' | 'zeros' | 'small' | 'glorot' | 'he' | 'large', Initializer | undefined>
> = {
  pytorch: undefined,
  zeros: init.zeros,
  small: init.normal(0, 0.001),
  glorot: init.xavierUniform(),
  he: init.kaimingNormal(),
  large: init.normal(0, 0.2),
}

/** Names of the ways in which a perceptron's weights may start. */
export type InitialisationName = keyof typeof initialisations

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
  /** First values of the weights; default PyTorch's. All others start the biases at 0. */
  readonly initialisation?: InitialisationName
}

/** A stack of dense layers on flattened images: [N, 1, 28, 28] or [N, 784] to [N, 10]. */
export class Mlp implements Module {
  readonly hidden: readonly Sequential[]
  readonly logits: Linear
  readonly #flatten = new Flatten()
  readonly #inputDropout: Dropout | undefined

  constructor(
    inputs: number,
    classes: number,
    { hidden, activation, dropout, inputDropout, batchNorm, initialisation = 'pytorch' }: MlpOptions,
  ) {
    const sizes = [inputs, ...hidden]
    const first = initialisations[initialisation]
    const options = first ? { init: first } : {}
    this.hidden = hidden.map(
      (units, i) =>
        new Sequential(
          new Linear(sizes[i] ?? inputs, units, options),
          ...(batchNorm ? [new BatchNorm1d(units)] : []),
          new activations[activation](),
          ...(dropout > 0 ? [new Dropout(dropout)] : []),
        ),
    )
    this.logits = new Linear(sizes.at(-1) ?? inputs, classes, options)
    this.#inputDropout = inputDropout > 0 ? new Dropout(inputDropout) : undefined
  }

  // #region forward
  forward(images: Tensor): Tensor {
    const pixels = this.#flatten.forward(images)
    const seen = this.#inputDropout?.forward(pixels) ?? pixels
    return this.logits.forward(this.hidden.reduce((x, layer) => layer.forward(x), seen))
  }
  // #endregion
}
