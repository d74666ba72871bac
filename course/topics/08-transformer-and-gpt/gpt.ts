// A GPT: what each position says of the next token follows from the tokens up to it. Radford et al. 2019; sizes of
// nanoGPT.
import { Dropout, Embedding, init, LayerNorm, LearnedPositions, Linear, TransformerEncoderLayer } from '@ddlf/nn'
import { gelu, type Tensor } from '@ddlf/tensor'

export interface GptOptions {
  readonly vocabulary: number
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  readonly dropout: number
  /** Whether linear layers and normalisations have biases, as in GPT-2; default no. */
  readonly biases?: boolean
  /** Whether the table of tokens is also the last layer, as in GPT-2; default no. */
  readonly tied?: boolean
  /** GELU as it is (default), or by tanh, as GPT-2 computes it. */
  readonly activation?: 'gelu' | 'gelu-tanh'
}

const ACTIVATIONS = { gelu: 'gelu', 'gelu-tanh': (x: Tensor) => gelu(x, { approximate: 'tanh' }) } as const

export class Gpt {
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly drop: Dropout
  readonly layers: readonly TransformerEncoderLayer[]
  readonly norm: LayerNorm
  readonly logits: Linear

  constructor(options: GptOptions) {
    const { vocabulary, blockSize, layers, heads, width, dropout } = options
    const { biases: bias = false, tied = false, activation = 'gelu' } = options
    // Small, as in GPT-2: with the default of 1 the first losses are several times those of guessing.
    const small = init.normal(0, 0.02)
    const how = {
      dimFeedforward: 4 * width,
      dropout,
      activation: ACTIVATIONS[activation],
      batchFirst: true,
      normFirst: true,
      bias,
    }
    this.tokens = new Embedding(vocabulary, width, { init: small })
    this.positions = new LearnedPositions(blockSize, width, { init: small })
    this.drop = new Dropout(dropout)
    this.layers = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, how))
    this.norm = new LayerNorm(width, { bias })
    this.logits = new Linear(width, vocabulary, { bias: false, ...(tied && { weight: this.tokens.weight }) })
  }

  /** @param x int32 [N, T] @returns logits [N, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const embedded = this.drop.forward(this.positions.forward(this.tokens.forward(x)))
    return this.logits.forward(
      this.norm.forward(this.layers.reduce((h, layer) => layer.forward(h, { causal: true }), embedded)),
    )
  }
}
