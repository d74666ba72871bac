// Two nets of Keras' examples that read windows of words: one hands what it found to an LSTM, one takes the strongest.
// Sources: Keras, examples/imdb_cnn_lstm.py, 2016; text_classification_from_scratch, 2019.
import { Conv1d, Dropout, Embedding, init, Linear, LSTM, MaxPool1d, type Module } from '@ddlf/nn'
import { cast, greater, max, maximum, pad, relu, squeeze, sum, transpose, type Tensor } from '@ddlf/tensor'

/** Sizes of the nets. */
export interface TextKerasOptions {
  readonly dimensions: number
  readonly filters: number
  /** Share of what is handed on that is dropped in training. */
  readonly dropout: number
  /** Numbers of the state, or units of the layer before the logits. */
  readonly units: number
}

/** Vectors as Keras' embedding begins, 0 for what fills up. */
const table = (tokens: number, dimensions: number) =>
  new Embedding(tokens + 1, dimensions, { paddingIndex: 0, init: init.uniform(-0.05, 0.05) })

/** Texts filled up to a length, where a batch has shorter ones alone. */
function filledUp(tokens: Tensor, length: number): Tensor {
  const missing = length - (tokens.shape[1] as number)
  return missing > 0 ? pad(tokens, [[0, 0], [0, missing]]) : tokens
}

const WORDS = 5
const POOLED = 4

/** Windows of five words, the strongest of each four, and a state that reads those. */
export class WindowsThenLstm implements Module {
  readonly words: Embedding
  readonly windows: Conv1d
  readonly pool = new MaxPool1d(POOLED)
  readonly states: LSTM
  readonly logits: Linear
  readonly #dropout: Dropout

  constructor(tokens: number, classes: number, { dimensions, filters, dropout, units }: TextKerasOptions) {
    this.words = table(tokens, dimensions)
    this.windows = new Conv1d(dimensions, filters, WORDS)
    this.states = new LSTM(filters, units, { batchFirst: true })
    this.logits = new Linear(units, classes)
    this.#dropout = new Dropout(dropout)
  }

  // #region windows
  /** @param tokens int32 [N, T] @returns logits [N, classes] */
  forward(tokens: Tensor): Tensor {
    const read = filledUp(tokens, WORDS - 1 + POOLED)
    const words = transpose(this.#dropout.forward(this.words.forward(read)), [0, 2, 1])
    const found = this.pool.forward(relu(this.windows.forward(words)))
    const { hidden } = this.states.forward(transpose(found, [0, 2, 1]), { lengths: pooledLengths(tokens) })
    return this.logits.forward(squeeze(hidden, 0))
  }
  // #endregion
}

/** Fours of whole windows in each text, one at least. */
function pooledLengths(tokens: Tensor): Tensor {
  const words = sum(cast(greater(tokens, 0), 'int32'), { axes: 1 })
  return maximum(words.sub(WORDS - 1).div(POOLED), 1)
}

/** Two layers of windows of seven words in strides of three, and the strongest of each filter. */
export class StridesThenStrongest implements Module {
  readonly words: Embedding
  readonly near: Conv1d
  readonly far: Conv1d
  readonly hidden: Linear
  readonly logits: Linear
  readonly #dropout: Dropout
  readonly #length: number

  /** @param length of all texts, whatever a batch is filled up to: windows behind their ends count, as there */
  constructor(
    tokens: number, classes: number, { dimensions, filters, dropout, units }: TextKerasOptions, length: number,
  ) {
    this.#length = length
    this.words = table(tokens, dimensions)
    this.near = new Conv1d(dimensions, filters, 7, { stride: 3 })
    this.far = new Conv1d(filters, filters, 7, { stride: 3 })
    this.hidden = new Linear(filters, units)
    this.logits = new Linear(units, classes)
    this.#dropout = new Dropout(dropout)
  }

  // #region strides
  /** @param tokens int32 [N, T] @returns logits [N, classes] */
  forward(tokens: Tensor): Tensor {
    const read = filledUp(tokens, this.#length)
    const words = transpose(this.#dropout.forward(this.words.forward(read)), [0, 2, 1])
    const found = relu(this.far.forward(relu(this.near.forward(words))))
    const strongest = max(found, { axes: 2 })
    return this.logits.forward(this.#dropout.forward(relu(this.hidden.forward(strongest))))
  }
  // #endregion
}
