// Two LSTMs with one vector between them, which is all that the second reads, at every step.
// Source: Keras, examples/addition_rnn.py, 2015.
import type { PairModel } from '@ddlf/lab/experiments'
import { init, Linear, LSTM, namedParameters, newParameter } from '@ddlf/nn'
import { argmax, cast, concat, greater, oneHot, reshape, slice, sum, type Tensor } from '@ddlf/tensor'

/** Sizes of the net. */
export interface SumWriterOptions {
  readonly vocabulary: number
  /** Numbers of a state. */
  readonly width: number
}

/** As Keras' layers begin: Glorot's weights, rotations between states, forget gates open. */
function startAsKeras(model: SumWriter): void {
  for (const [name, weight] of namedParameters(model)) {
    const matrix = name.includes('weight_hh') ? init.orthogonal() : init.xavierUniform()
    const values = newParameter(weight.shape, weight.rank < 2 ? init.zeros : matrix).leaf?.data as Float32Array
    if (name.includes('bias_ih')) values.fill(1, values.length / 4, values.length / 2)
    weight.leaf?.data?.set(values)
  }
}

export class SumWriter implements PairModel {
  readonly reader: LSTM
  readonly writer: LSTM
  readonly logits: Linear
  readonly #vocabulary: number

  constructor({ vocabulary, width }: SumWriterOptions) {
    this.reader = new LSTM(vocabulary, width, { batchFirst: true })
    this.writer = new LSTM(width, width, { batchFirst: true })
    this.logits = new Linear(width, vocabulary)
    this.#vocabulary = vocabulary
    startAsKeras(this)
  }

  /** @param source int32 [B, S] @returns the last state [B, W] */
  encode(source: Tensor): readonly Tensor[] {
    const lengths = sum(cast(greater(source, 0), 'int32'), { axes: 1 })
    const { hidden } = this.reader.forward(oneHot(source, this.#vocabulary), { lengths })
    return [reshape(hidden, hidden.shape.slice(1))]
  }

  // #region write
  /** Of the tokens only their number counts: the net does not read what it wrote. */
  decode(tokens: Tensor, [state]: readonly Tensor[]) {
    const [batch, time] = tokens.shape as [number, number]
    const given = reshape(state as Tensor, [batch, 1, (state as Tensor).shape[1] as number])
    const repeated = concat(Array.from({ length: time }, () => given), 1)
    return { logits: this.logits.forward(this.writer.forward(repeated).output) }
  }
  // #endregion

  forward(source: Tensor): Tensor {
    return argmax(this.decode(slice(source, { axis: 1, end: 1 }), this.encode(source)).logits)
  }
}
