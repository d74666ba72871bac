// A text read word by word: what the last state holds is what is known of it.
// Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Cho and others, 2014, of the GRU.
import { Dropout, Embedding, GRU, Linear, LSTM, type Module } from '@ddlf/nn'
import { cast, concat, greater, reshape, slice, sum, type Tensor } from '@ddlf/tensor'

/** Sizes of the net. */
export interface TextRecurrentOptions {
  /** What remembers. */
  readonly cell: 'lstm' | 'gru'
  readonly dimensions: number
  /** Numbers of a state. */
  readonly units: number
  readonly layers: number
  /** Whether a second state reads from the end. */
  readonly bidirectional: boolean
  readonly dropout: number
}

/** Tokens from 1 on; 0 fills up behind the text and is not read. */
export class TextRecurrent implements Module {
  readonly words: Embedding
  readonly states: LSTM | GRU
  readonly logits: Linear
  readonly #dropout: Dropout
  readonly #directions: number

  constructor(tokens: number, classes: number, options: TextRecurrentOptions) {
    const { cell, dimensions, units, layers, bidirectional, dropout } = options
    const recurrent = { batchFirst: true, bidirectional, numLayers: layers, dropout: layers > 1 ? dropout : 0 }
    this.words = new Embedding(tokens + 1, dimensions, { paddingIndex: 0 })
    this.states = cell === 'lstm' ? new LSTM(dimensions, units, recurrent) : new GRU(dimensions, units, recurrent)
    this.#directions = bidirectional ? 2 : 1
    this.logits = new Linear(this.#directions * units, classes)
    this.#dropout = new Dropout(dropout)
  }

  // #region forward
  /** @param tokens int32 [N, T] @returns logits [N, classes] */
  forward(tokens: Tensor): Tensor {
    const words = this.#dropout.forward(this.words.forward(tokens))
    const lengths = sum(cast(greater(tokens, 0), 'int32'), { axes: 1 })
    const { hidden } = this.states.forward(words, { lengths })
    return this.logits.forward(this.#dropout.forward(this.#last(hidden)))
  }
  // #endregion

  /** The states of the last layer side by side: [layers * directions, N, units] to [N, directions * units]. */
  #last(hidden: Tensor): Tensor {
    const [count, batch, units] = hidden.shape as [number, number, number]
    const ends = Array.from({ length: this.#directions }, (_, d) => {
      const at = count - this.#directions + d
      return reshape(slice(hidden, { axis: 0, start: at, end: at + 1 }), [batch, units])
    })
    return concat(ends, 1)
  }
}
