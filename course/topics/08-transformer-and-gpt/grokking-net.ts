// A small transformer of today's parts that answers once, behind the last token.
// Source: stockeh/mlx-grokking, models.py, 2024.
import { Dropout, Embedding, init, Linear, MultiHeadAttention, RmsNorm, rotary } from '@ddlf/nn'
import { add, mul, silu, slice, squeeze, type Tensor } from '@ddlf/tensor'

export interface GrokkingNetOptions {
  readonly vocabulary: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  readonly dropout: number
}

/** Of the angles by which places turn. */
const BASE = 1e6

class Block {
  readonly norm1: RmsNorm
  readonly attention: MultiHeadAttention
  readonly norm2: RmsNorm
  readonly gate: Linear
  readonly expand: Linear
  readonly reduce: Linear
  readonly #drop: Dropout

  constructor({ width, heads, dropout }: GrokkingNetOptions) {
    this.norm1 = new RmsNorm(width)
    this.attention = new MultiHeadAttention(width, heads, { bias: false, batchFirst: true })
    this.norm2 = new RmsNorm(width)
    this.gate = new Linear(width, 4 * width, { bias: false })
    this.expand = new Linear(width, 4 * width, { bias: false })
    this.reduce = new Linear(4 * width, width, { bias: false })
    this.#drop = new Dropout(dropout)
  }

  // #region block
  /** @param x [N, T, width] */
  forward(x: Tensor): Tensor {
    const read = this.norm1.forward(x)
    const turned = { causal: true, prepare: (vectors: Tensor) => rotary(vectors, { base: BASE, interleaved: true }) }
    const attended = add(x, this.attention.forward(read, read, read, turned))
    const h = this.norm2.forward(attended)
    const gated = mul(this.#drop.forward(silu(this.gate.forward(h))), this.expand.forward(h))
    return add(attended, this.reduce.forward(gated))
  }
  // #endregion
}

export class GrokkingNet {
  readonly tokens: Embedding
  readonly blocks: readonly Block[]
  readonly norm: RmsNorm
  readonly logits: Linear

  constructor(options: GrokkingNetOptions) {
    const { vocabulary, layers, width } = options
    this.tokens = new Embedding(vocabulary, width, { init: init.normal(0, 1 / Math.sqrt(width)) })
    this.blocks = Array.from({ length: layers }, () => new Block(options))
    this.norm = new RmsNorm(width)
    this.logits = new Linear(width, vocabulary, { bias: false })
  }

  /** @param x int32 [N, T] @returns logits of the answer [N, vocabulary] */
  forward(x: Tensor): Tensor {
    const stream = this.blocks.reduce((h, block) => block.forward(h), this.tokens.forward(x))
    return this.logits.forward(this.norm.forward(squeeze(slice(stream, { axis: 1, start: -1 }), 1)))
  }
}
