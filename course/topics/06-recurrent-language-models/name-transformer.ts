// makemore's transformer: layers with their norms before each part, first weights of one deviation everywhere.
// Source: A. Karpathy, makemore, 2022: the program of 9 June with dropout, that of 20 August without.
import {
  Dropout, Embedding, init, LayerNorm, LearnedPositions, Linear, MultiHeadAttention,
} from '@ddlf/nn'
import { add, gelu, type Tensor } from '@ddlf/tensor'
import { startAnew } from '../../start-anew.ts'

export interface NameTransformerOptions {
  readonly vocabulary: number
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  /** Share dropped of the vectors of letters, of attention, and of what is added to the residual stream. */
  readonly dropout: number
  /** GELU as it is, or by tanh. */
  readonly activation: 'gelu' | 'gelu-tanh'
}

const small = { init: init.normal(0, 0.02) }

function smallAttention({ width, heads, dropout }: NameTransformerOptions): MultiHeadAttention {
  const attention = new MultiHeadAttention(width, heads, { dropout, batchFirst: true })
  for (const weight of [attention.in_proj_weight, attention.out_proj.weight]) startAnew(weight, small.init)
  // PyTorch's layer draws this bias, makemore's begins it with 0.
  attention.out_proj.bias?.leaf?.data?.fill(0)
  return attention
}

class Layer {
  readonly norm1: LayerNorm
  readonly attention: MultiHeadAttention
  readonly norm2: LayerNorm
  readonly linear1: Linear
  readonly linear2: Linear
  readonly #drop: Dropout
  readonly #activation: (x: Tensor) => Tensor

  constructor(options: NameTransformerOptions) {
    const { width, dropout, activation } = options
    this.norm1 = new LayerNorm(width)
    this.attention = smallAttention(options)
    this.norm2 = new LayerNorm(width)
    this.linear1 = new Linear(width, 4 * width, small)
    this.linear2 = new Linear(4 * width, width, small)
    this.#drop = new Dropout(dropout)
    this.#activation = x => gelu(x, { approximate: activation === 'gelu' ? 'none' : 'tanh' })
  }

  forward(x: Tensor): Tensor {
    const normed = this.norm1.forward(x)
    const attended = add(x, this.#drop.forward(this.attention.forward(normed, normed, normed, { causal: true })))
    const inside = this.#activation(this.linear1.forward(this.norm2.forward(attended)))
    return add(attended, this.#drop.forward(this.linear2.forward(inside)))
  }
}

export class NameTransformer {
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly layers: readonly Layer[]
  readonly norm: LayerNorm
  readonly logits: Linear
  readonly #drop: Dropout

  constructor(options: NameTransformerOptions) {
    const { vocabulary, blockSize, layers, width, dropout } = options
    this.tokens = new Embedding(vocabulary, width, small)
    this.positions = new LearnedPositions(blockSize, width, small)
    this.layers = Array.from({ length: layers }, () => new Layer(options))
    this.norm = new LayerNorm(width)
    this.logits = new Linear(width, vocabulary, { bias: false, ...small })
    this.#drop = new Dropout(dropout)
  }

  // #region forward
  /** @param x int32 [N, T] @returns logits [N, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const read = this.#drop.forward(this.positions.forward(this.tokens.forward(x)))
    return this.logits.forward(this.norm.forward(this.layers.reduce((h, layer) => layer.forward(h), read)))
  }
  // #endregion
}
