// The net of Bengio, Ducharme, Vincent and Jauvin (2003) on characters: vectors of a few tokens, a layer, logits.
import { BatchNorm1d, Embedding, init, Linear } from '@ddlf/nn'
import { reshape, tanh, unsqueeze, type Tensor } from '@ddlf/tensor'

/** How the weights begin: each mends what the one before leaves wrong. */
export type Start = 'plain' | 'small-logits' | 'unsaturated' | 'kaiming'

export interface ContextNetOptions {
  readonly vocabulary: number
  /** Tokens that it sees. */
  readonly blockSize: number
  /** Numbers that stand for a token. */
  readonly embedding: number
  readonly hidden: number
  readonly start: Start
  /** Whether what the hidden layer weighs is normalised over the batch. */
  readonly batchNorm: boolean
  /** The share of its running mean and variance that a norm forgets at each step. Default 0.1. */
  readonly normMomentum?: number
}

/** Standard deviations of the first weights and biases of the hidden layer and of the logits. */
const deviationsOf = (start: Start, inputs: number): readonly [number, number, number, number] =>
  start === 'plain'
    ? [1, 1, 1, 1]
    : start === 'small-logits'
      ? [1, 1, 0.01, 0]
      : [start === 'unsaturated' ? 0.2 : 5 / 3 / Math.sqrt(inputs), 0.01, 0.01, 0]

export class ContextNet {
  readonly blockSize: number
  readonly tokens: Embedding
  readonly hidden: Linear
  readonly norm: BatchNorm1d | undefined
  readonly logits: Linear

  constructor(options: ContextNetOptions) {
    const { vocabulary, blockSize, embedding, hidden, start, batchNorm, normMomentum = 0.1 } = options
    const inputs = blockSize * embedding
    const [weight, bias, logits, logitsBias] = deviationsOf(start, inputs)
    const normal = (deviation: number) => init.normal(0, deviation)
    this.blockSize = blockSize
    this.tokens = new Embedding(vocabulary, embedding)
    this.hidden = new Linear(inputs, hidden, { bias: !batchNorm, init: normal(weight), biasInit: normal(bias) })
    this.norm = batchNorm ? new BatchNorm1d(hidden, { momentum: normMomentum }) : undefined
    this.logits = new Linear(hidden, vocabulary, { init: normal(logits), biasInit: normal(logitsBias) })
  }

  // #region forward
  /** @param x int32 [N, blockSize] @returns logits of the next token [N, 1, vocabulary] */
  forward(x: Tensor): Tensor {
    const vectors = this.tokens.forward(x)
    const context = reshape(vectors, [x.shape[0] as number, -1])
    const weighed = this.hidden.forward(context)
    const h = tanh(this.norm ? this.norm.forward(weighed) : weighed)
    return unsqueeze(this.logits.forward(h), 1)
  }
  // #endregion
}
