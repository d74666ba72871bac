// Two LSTMs: the first reads a sentence character by character, the second begins with the state that the first ends
// in, and writes. Source: Keras, lstm_seq2seq, 2017, after Sutskever, Vinyals and Le 2014.
import { PAIR_TOKENS, type PairModel } from '@ddlf/lab/experiments'
import { currentDecoding, init, keptState, Linear, newParameter, Embedding } from '@ddlf/nn'
import {
  add, argmax, concat, full, matmul, mul, scan, sigmoid, split, sub, tanh, transpose, zeros, type Tensor,
} from '@ddlf/tensor'
import { startAnew } from '../../start-anew.ts'
import { glorot } from './glorot.ts'

/** Sizes of the net. */
export interface CharacterTranslatorOptions {
  /** Characters of a source. */
  readonly sourceVocabulary: number
  /** Tokens of a target, what fills up included. */
  readonly vocabulary: number
  /** Numbers of a state. */
  readonly width: number
}

type Four = [Tensor, Tensor, Tensor, Tensor]

/** An LSTM that reads symbols: the row of a table is what a symbol adds to the four gates, as its one-hot vector is. */
class SymbolLstm {
  readonly input: Embedding
  readonly recurrent: Tensor
  readonly bias: Tensor

  constructor(symbols: number, readonly width: number) {
    this.input = new Embedding(symbols, 4 * width, { init: glorot(symbols, 4 * width) })
    this.recurrent = newParameter([4 * width, width], init.orthogonal())
    this.bias = newParameter([4 * width], init.zeros)
    // Forget gates begin open.
    this.bias.leaf?.data?.fill(1, width, 2 * width)
  }

  // #region lstm
  /** @param symbols int32 [B, T] @param state hidden and cell [B, W] each @returns all hidden states [B, T, W] */
  forward(symbols: Tensor, state: readonly [Tensor, Tensor]) {
    const read = transpose(add(this.input.forward(symbols), this.bias), [1, 0, 2])
    const { carry, ys } = scan(([h, c], [now]) => {
      const gates = add(now, matmul(h, this.recurrent, { transposeB: true }))
      const [i, f, g, o] = split(gates, Array<number>(4).fill(this.width), -1) as Four
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
      const hidden = mul(sigmoid(o), tanh(cell))
      return { carry: [hidden, cell], ys: [hidden] as const }
    }, state, [read])
    return { output: transpose(ys[0], [1, 0, 2]), state: carry }
  }
  // #endregion
}

/** Never written: what fills up. */
const NEVER = -1e9

export class CharacterTranslator implements PairModel {
  readonly reader: SymbolLstm
  readonly writer: SymbolLstm
  readonly logits: Linear
  readonly #width: number

  constructor({ sourceVocabulary, vocabulary, width }: CharacterTranslatorOptions) {
    // Targets are filled up with blanks, so that token 0 never occurs.
    const characters = vocabulary - 1
    this.reader = new SymbolLstm(sourceVocabulary, width)
    this.writer = new SymbolLstm(characters, width)
    this.logits = new Linear(width, characters)
    startAnew(this.logits.weight, glorot(width, characters))
    startAnew(this.logits.bias, init.zeros)
    this.#width = width
  }

  // #region translate
  /** @param source int32 [B, S] @returns the state that it ends in, hidden and cell [B, W] each */
  encode(source: Tensor): readonly Tensor[] {
    const nothing = zeros([source.shape[0] as number, this.#width])
    return this.reader.forward(source, [nothing, nothing]).state
  }

  decode(tokens: Tensor, [hidden, cell]: readonly [Tensor, Tensor]): { readonly logits: Tensor } {
    const kept = currentDecoding() && [hidden, cell].map(first => keptState(first.shape, { first }))
    const begins = (kept ? kept.map(({ present }) => present) : [hidden, cell]) as [Tensor, Tensor]
    const { output, state } = this.writer.forward(sub(tokens, PAIR_TOKENS.start), begins)
    kept?.forEach(({ keep }, i) => keep(state[i] as Tensor))
    const [batch, time] = tokens.shape as [number, number]
    return { logits: concat([full([batch, time, 1], NEVER), this.logits.forward(output)], 2) }
  }
  // #endregion

  forward(source: Tensor): Tensor {
    const first = full([source.shape[0] as number, 1], PAIR_TOKENS.start, 'int32')
    return argmax(this.decode(first, this.encode(source) as [Tensor, Tensor]).logits)
  }
}
