// Two LSTMs with attention by products, where what was seen is read again in the next step.
// Source: Luong, Pham and Manning 2015, section 3.3, in the sizes and first weights of Joey NMT's tutorial, 2019.
import type { PairModel } from '@ddlf/lab/experiments'
import {
  currentDecoding, Dropout, Embedding, init, keptState, Linear, LSTM, LSTMCell, namedParameters, newParameter,
} from '@ddlf/nn'
import {
  argmax, cast, concat, equal, full, greater, matmul, mul, scan, softmax, squeeze, sum, tanh, transpose, unsqueeze,
  where, zeros, type Tensor,
} from '@ddlf/tensor'
import type { Decoded } from './recurrent-translator.ts'

/** Sizes of the net. */
export interface InputFeedingOptions {
  readonly vocabulary: number
  /** Numbers of a token's vector. */
  readonly embedding: number
  /** Numbers of a state. */
  readonly width: number
  readonly dropout: number
}

/** Glorot's weights for each gate by itself, small vectors, biases of 0. */
function startAsJoey(model: InputFeedingTranslator): void {
  for (const [name, weight] of namedParameters(model)) {
    const [rows = 0, columns = 0] = weight.shape
    const gates = /weight_[ih]h/.test(name) ? 4 : 1
    const limit = Math.sqrt(6 / (columns + rows / gates))
    const matrix = name.startsWith('read') || name.startsWith('written') ? init.normal(0, 0.1)
      : init.uniform(-limit, limit)
    const values = newParameter(weight.shape, weight.rank > 1 ? matrix : init.zeros)
    weight.leaf?.data?.set(values.leaf?.data as Float32Array)
  }
}

export class InputFeedingTranslator implements PairModel {
  readonly read: Embedding
  readonly written: Embedding
  readonly encoder: LSTM
  readonly key: Linear
  readonly cell: LSTMCell
  readonly combine: Linear
  readonly logits: Linear
  readonly #drop: Dropout
  readonly #width: number

  constructor({ vocabulary, embedding, width, dropout }: InputFeedingOptions) {
    this.read = new Embedding(vocabulary, embedding)
    this.written = new Embedding(vocabulary, embedding)
    this.encoder = new LSTM(embedding, width, { batchFirst: true, bidirectional: true })
    this.key = new Linear(2 * width, width, { bias: false })
    this.cell = new LSTMCell(embedding + width, width)
    this.combine = new Linear(3 * width, width)
    this.logits = new Linear(width, vocabulary, { bias: false })
    this.#drop = new Dropout(dropout)
    this.#width = width
    startAsJoey(this)
  }

  /** @param source int32 [B, S] @returns all states [B, S, 2 W], and the source */
  encode(source: Tensor): readonly Tensor[] {
    const lengths = sum(cast(greater(source, 0), 'int32'), { axes: 1 })
    const { output } = this.encoder.forward(this.#drop.forward(this.read.forward(source)), { lengths })
    return [output, source]
  }

  // #region feeding
  decode(tokens: Tensor, [states, source]: readonly [Tensor, Tensor]): Decoded {
    const [batch, time] = tokens.shape as [number, number]
    const vectors = transpose(this.#drop.forward(this.written.forward(tokens)), [1, 0, 2])
    const keys = transpose(this.key.forward(states), [0, 2, 1])
    const padding = equal(source, 0)
    // Drawn outside the loop: inside, each step would drop the same.
    const dropped = this.#drop.forward(full([time, batch, 3 * this.#width], 1))
    const kept = currentDecoding() && [0, 1, 2].map(() => keptState([batch, this.#width]))
    const nothing = zeros([batch, this.#width])
    const { carry, ys: [seen, looked] } = scan(
      ([h, c, before], [token, mask]) => {
        const { hidden, cell } = this.cell.forward(concat([token, before], 1), { hidden: h, cell: c })
        const scores = squeeze(matmul(unsqueeze(hidden, 1), keys), 1)
        const weights = softmax(where(padding, -1e9, scores))
        const context = squeeze(matmul(unsqueeze(weights, 1), states), 1)
        const next = tanh(this.combine.forward(mul(concat([hidden, context], 1), mask)))
        return { carry: [hidden, cell, next], ys: [next, weights] as const }
      },
      [kept?.[0]?.present ?? nothing, kept?.[1]?.present ?? nothing, kept?.[2]?.present ?? nothing] as const,
      [vectors, dropped] as const,
    )
    kept?.forEach(({ keep }, i) => keep(carry[i] as Tensor))
    return { logits: this.logits.forward(transpose(seen, [1, 0, 2])), weights: transpose(looked, [1, 0, 2]) }
  }
  // #endregion

  forward(source: Tensor): Tensor {
    return argmax(this.decode(source, this.encode(source) as [Tensor, Tensor]).logits)
  }
}
