// A GPT: what each position says of the next token follows from the tokens up to it. Radford et al. 2019; sizes of nanoGPT.
import { Dropout, Embedding, init, LayerNorm, LearnedPositions, Linear, TransformerEncoderLayer } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'

export interface GptOptions {
  readonly vocabulary: number
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  readonly dropout: number
}

export class Gpt {
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly drop: Dropout
  readonly layers: readonly TransformerEncoderLayer[]
  readonly norm: LayerNorm
  readonly logits: Linear

  constructor({ vocabulary, blockSize, layers, heads, width, dropout }: GptOptions) {
    // Small, as in GPT-2: with the default of 1 the first losses are several times those of guessing.
    const small = init.normal(0, 0.02)
    const how = {
      dimFeedforward: 4 * width,
      dropout,
      activation: 'gelu',
      batchFirst: true,
      normFirst: true,
      bias: false,
    } as const
    this.tokens = new Embedding(vocabulary, width, { init: small })
    this.positions = new LearnedPositions(blockSize, width, { init: small })
    this.drop = new Dropout(dropout)
    this.layers = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, how))
    this.norm = new LayerNorm(width, { bias: false })
    this.logits = new Linear(width, vocabulary, { bias: false })
  }

  /** @param x int32 [N, T] @returns logits [N, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const embedded = this.drop.forward(this.positions.forward(this.tokens.forward(x)))
    return this.logits.forward(
      this.norm.forward(this.layers.reduce((h, layer) => layer.forward(h, { causal: true }), embedded)),
    )
  }
}
