// A small transformer over words: every word asks every other, and the mean of what they learned is judged.
// Source: Vaswani and others, "Attention is all you need", 2017, section 3.1, the encoder.
import { Dropout, Embedding, init, LearnedPositions, Linear, TransformerEncoderLayer, type Module } from '@ddlf/nn'
import { cast, div, equal, logicalNot, maximum, mul, sum, unsqueeze, type Tensor } from '@ddlf/tensor'

/** Sizes of the net. */
export interface TextTransformerOptions {
  readonly dimensions: number
  readonly heads: number
  readonly layers: number
  /** Words of the longest text. */
  readonly maxTokens: number
  readonly dropout: number
}

/** Tokens from 1 on; 0 fills up, is looked at by no word, and counts in no mean. */
export class TextTransformer implements Module {
  readonly words: Embedding
  readonly positions: LearnedPositions
  readonly blocks: readonly TransformerEncoderLayer[]
  readonly logits: Linear
  readonly #dropout: Dropout

  constructor(tokens: number, classes: number, options: TextTransformerOptions) {
    const { dimensions, heads, layers, maxTokens, dropout } = options
    const first = { init: init.normal(0, 0.1) }
    this.words = new Embedding(tokens + 1, dimensions, { paddingIndex: 0, ...first })
    this.positions = new LearnedPositions(maxTokens, dimensions, first)
    const block = { dimFeedforward: dimensions, dropout, batchFirst: true }
    this.blocks = Array.from({ length: layers }, () => new TransformerEncoderLayer(dimensions, heads, block))
    this.logits = new Linear(dimensions, classes)
    this.#dropout = new Dropout(dropout)
  }

  // #region forward
  /** @param tokens int32 [N, T] @returns logits [N, classes] */
  forward(tokens: Tensor): Tensor {
    const keyPaddingMask = equal(tokens, 0)
    const placed = this.positions.forward(this.words.forward(tokens))
    const read = this.blocks.reduce((x, block) => block.forward(x, { keyPaddingMask }), placed)
    const there = unsqueeze(cast(logicalNot(keyPaddingMask), 'float32'), -1)
    const mean = div(sum(mul(read, there), { axes: 1 }), maximum(sum(there, { axes: 1 }), 1))
    return this.logits.forward(this.#dropout.forward(mean))
  }
  // #endregion
}
