// A miniature GPT: words and places, one transformer block with its norms behind the sums, a word guessed everywhere.
// Source: A. Nandan, "Text generation with a miniature GPT", Keras, 2020.
import { Dropout, Embedding, init, LayerNorm, LearnedPositions, Linear, scaledDotProductAttention } from '@ddlf/nn'
import { add, relu, reshape, transpose, type Tensor } from '@ddlf/tensor'

export interface MiniatureGptOptions {
  /** Rows of the table of words. */
  readonly words: number
  readonly blockSize: number
  readonly width: number
  readonly heads: number
  /** Units of the layer at each position. */
  readonly feedForward: number
  readonly dropout: number
}

/** As Keras' layers begin. */
const dense = (from: number, to: number) => new Linear(from, to, { init: init.xavierUniform() })
const table = { init: init.uniform(-0.05, 0.05) }
const NORM = { eps: 1e-6 }

export class MiniatureGpt {
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly combine: Linear
  readonly norm1: LayerNorm
  readonly hidden: Linear
  readonly out: Linear
  readonly norm2: LayerNorm
  readonly logits: Linear
  readonly #drop: Dropout
  readonly #heads: number

  constructor({ words, blockSize, width, heads, feedForward, dropout }: MiniatureGptOptions) {
    this.tokens = new Embedding(words, width, table)
    this.positions = new LearnedPositions(blockSize, width, table)
    this.query = dense(width, width)
    this.key = dense(width, width)
    this.value = dense(width, width)
    this.combine = dense(width, width)
    this.norm1 = new LayerNorm(width, NORM)
    this.hidden = dense(width, feedForward)
    this.out = dense(feedForward, width)
    this.norm2 = new LayerNorm(width, NORM)
    this.logits = dense(width, words)
    this.#drop = new Dropout(dropout)
    this.#heads = heads
  }

  // #region forward
  /** @param x int32 [N, T] @returns logits [N, T, words] */
  forward(x: Tensor): Tensor {
    const read = this.positions.forward(this.tokens.forward(x))
    const attended = this.norm1.forward(add(read, this.#drop.forward(this.#attend(read))))
    const thought = this.out.forward(relu(this.hidden.forward(attended)))
    return this.logits.forward(this.norm2.forward(add(attended, this.#drop.forward(thought))))
  }
  // #endregion

  #attend(x: Tensor): Tensor {
    const [texts, length, width] = x.shape as [number, number, number]
    const intoHeads = (layer: Linear) =>
      transpose(reshape(layer.forward(x), [texts, length, this.#heads, width / this.#heads]), [0, 2, 1, 3])
    const [q, k, v] = [intoHeads(this.query), intoHeads(this.key), intoHeads(this.value)]
    const found = scaledDotProductAttention(q, k, v, { causal: true })
    return this.combine.forward(reshape(transpose(found, [0, 2, 1, 3]), [texts, length, width]))
  }
}
