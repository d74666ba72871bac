// A recurrent net on characters: a state is changed by each token and handed on. After Karpathy's char-rnn, 2015.
import { Dropout, Embedding, GRU, init, isTraining, Linear, LSTM, RNN } from '@ddlf/nn'
import { concat, detach, slice, type Tensor } from '@ddlf/tensor'

export type Cell = 'rnn' | 'gru' | 'lstm'

export interface CharRnnOptions {
  readonly vocabulary: number
  readonly cell: Cell
  /** Numbers that stand for a token. */
  readonly embedding: number
  readonly hidden: number
  readonly layers: number
  readonly dropout: number
  /** Factor of the first recurrent weights, which are a rotation then; 0: PyTorch's, uniform. */
  readonly rotation: number
  /** Steps through which the gradient goes back before it is cut; 0: it goes to the beginning of the window. */
  readonly truncate: number
}

/** Each field of a state as something is made of it. */
const mapped = (state: Readonly<Record<string, Tensor>>, make: (value: Tensor) => Tensor): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [name, make(value)]))

const cells = { rnn: RNN, gru: GRU, lstm: LSTM } as const

export class CharRnn {
  readonly tokens: Embedding
  readonly drop: Dropout
  readonly cell: RNN | GRU | LSTM
  readonly logits: Linear
  readonly truncate: number

  constructor({ vocabulary, cell, embedding, hidden, layers, dropout, rotation, truncate }: CharRnnOptions) {
    this.tokens = new Embedding(vocabulary, embedding)
    this.drop = new Dropout(dropout)
    this.cell = new cells[cell](embedding, hidden, {
      numLayers: layers,
      batchFirst: true,
      dropout,
      ...(rotation > 0 && { recurrentInit: init.orthogonal({ gain: rotation }) }),
    })
    this.logits = new Linear(hidden, vocabulary)
    this.truncate = truncate
  }

  // #region forward
  /** @param x int32 [N, T] @returns logits of the next token at each place [N, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const vectors = this.drop.forward(this.tokens.forward(x))
    const states = this.states(vectors)
    return this.logits.forward(this.drop.forward(states))
  }
  // #endregion

  private states(vectors: Tensor): Tensor {
    const cut = this.truncate > 0 && isTraining()
    return cut ? this.inPieces(vectors) : this.cell.forward(vectors).output
  }

  // #region pieces
  /** The same states, the gradient cut between pieces. */
  private inPieces(x: Tensor): Tensor {
    const { truncate, cell } = this
    const length = x.shape[1] as number
    const outputs: Tensor[] = []
    let carried: Parameters<LSTM['forward']>[1] = {}
    for (let start = 0; start < length; start += truncate) {
      const end = Math.min(start + truncate, length)
      const piece = slice(x, { axis: 1, start, end })
      const { output, ...state } = cell.forward(piece, carried)
      carried = mapped(state, detach)
      outputs.push(output)
    }
    return concat(outputs, 1)
  }
  // #endregion
}
