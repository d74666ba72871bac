// Convolutions over words: each filter looks for one pattern of a few words, wherever it stands.
// Source: Kim, "Convolutional neural networks for sentence classification", 2014, section 2.
import { Conv1d, Dropout, Embedding, init, Linear, type Module } from '@ddlf/nn'
import { concat, max, relu, transpose, type Tensor } from '@ddlf/tensor'

/** Sizes of the net. */
export interface TextCnnOptions {
  /** Of a word's vector. */
  readonly dimensions: number
  /** Whether words' vectors begin normal, as PyTorch's do, instead of uniform between -0.25 and 0.25; default false. */
  readonly normalVectors?: boolean
  /** Words that filters look at: one kind of filter for each. */
  readonly widths: readonly number[]
  /** Of each kind. */
  readonly filters: number
  /** Filters and logits begin uniform between minus and plus this; default 0: as PyTorch's do. */
  readonly filterScale?: number
  /** Units of a layer between the filters and the logits; 0: none. */
  readonly hidden: number
  /** Share of what is handed to the logits that is dropped in training. */
  readonly dropout: number
}

/** Tokens from 1 on; 0 fills up, is the vector of zeros, and stays so. */
export class TextCnn implements Module {
  readonly words: Embedding
  readonly filters: readonly Conv1d[]
  readonly hidden: Linear | undefined
  readonly logits: Linear
  readonly #dropout: Dropout

  constructor(tokens: number, classes: number, options: TextCnnOptions) {
    const { dimensions, normalVectors = false, widths, filters, filterScale = 0, hidden, dropout } = options
    const vectors = normalVectors ? init.normal() : init.uniform(-0.25, 0.25)
    const small = filterScale > 0 ? { init: init.uniform(-filterScale, filterScale) } : {}
    this.words = new Embedding(tokens + 1, dimensions, { paddingIndex: 0, init: vectors })
    // With as many zeros on both sides as a filter is wide, one window holds no word: what a text is filled up with
    // changes nothing.
    this.filters = widths.map(width => new Conv1d(dimensions, filters, width, { padding: width, ...small }))
    const found = widths.length * filters
    this.hidden = hidden > 0 ? new Linear(found, hidden) : undefined
    this.logits = new Linear(hidden || found, classes, small)
    this.#dropout = new Dropout(dropout)
  }

  // #region forward
  /** @param tokens int32 [N, T] @returns logits [N, classes] */
  forward(tokens: Tensor): Tensor {
    const words = transpose(this.words.forward(tokens), [0, 2, 1])
    const strongest = this.filters.map(filter => max(relu(filter.forward(words)), { axes: 2 }))
    const found = concat(strongest, 1)
    const mixed = this.hidden ? relu(this.hidden.forward(found)) : found
    return this.logits.forward(this.#dropout.forward(mixed))
  }
  // #endregion
}
