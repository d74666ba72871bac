// An encoder and a decoder of gated states. What the decoder knows of the source is one vector, or it looks back at all
// states of the encoder whenever it writes.
// Sources: Sutskever, Vinyals and Le 2014; Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015.
import type { PairModel } from '@ddlf/lab/experiments'
import {
  attend, BahdanauAttention, currentDecoding, Dropout, Embedding, GRU, GRUCell, keptState, lengthMask, Linear,
} from '@ddlf/nn'
import {
  argmax, cast, concat, equal, greater, reshape, scan, slice, squeeze, sum, tanh, transpose, unsqueeze, type Tensor,
} from '@ddlf/tensor'

/** How the decoder looks at the source: at one vector, before each step by a small net, or behind it by products. */
export type Looks = 'plain' | 'bahdanau' | 'luong'

/** Sizes of a translator, and how it looks at its source. */
export interface RecurrentTranslatorOptions {
  readonly looks: Looks
  readonly vocabulary: number
  /** Numbers of a token's vector, and of the decoder's state. */
  readonly width: number
  /** Layers of the encoder. */
  readonly layers: number
  readonly dropout: number
}

/** What a decoder says of the next token at each place. */
export interface Decoded {
  /** [B, T, vocabulary] */
  readonly logits: Tensor
  /** [B, T, S], where it looks back. */
  readonly weights?: Tensor
}

const lengthsOf = (source: Tensor) => sum(cast(greater(source, 0), 'int32'), { axes: 1 })

/** The last states of both directions side by side: [layers * 2, B, H] to [B, 2 H]. */
function lastStates(hidden: Tensor): Tensor {
  const [count, batch, half] = hidden.shape as [number, number, number]
  const last = slice(hidden, { axis: 0, start: count - 2 })
  return reshape(transpose(last, [1, 0, 2]), [batch, 2 * half])
}

/** What all three have in common: the encoder, the vectors of tokens, the logits. */
abstract class Translator implements PairModel {
  readonly tokens: Embedding
  readonly encoder: GRU
  readonly bridge: Linear
  readonly logits: Linear
  protected readonly drop: Dropout

  constructor({ vocabulary, width, layers, dropout }: RecurrentTranslatorOptions) {
    this.tokens = new Embedding(vocabulary, width, { paddingIndex: 0 })
    this.drop = new Dropout(dropout)
    const how = { batchFirst: true, bidirectional: true, numLayers: layers, dropout: layers > 1 ? dropout : 0 }
    this.encoder = new GRU(width, width / 2, how)
    this.bridge = new Linear(width, width)
    this.logits = new Linear(width, vocabulary)
  }

  // #region encode
  /** @param source int32 [B, S] @returns the decoder's first state [B, W], all states [B, S, W], and the source */
  encode(source: Tensor): readonly Tensor[] {
    const vectors = this.drop.forward(this.tokens.forward(source))
    const { output, hidden } = this.encoder.forward(vectors, { lengths: lengthsOf(source) })
    const first = tanh(this.bridge.forward(lastStates(hidden)))
    return [first, output, source]
  }
  // #endregion

  abstract decode(tokens: Tensor, memory: readonly Tensor[]): Decoded

  forward(source: Tensor): Tensor {
    return argmax(this.decode(source, this.encode(source)).logits)
  }
}

/** What the decoder knows of the source is the state that it begins with. */
class PlainTranslator extends Translator {
  readonly decoder: GRU

  constructor(options: RecurrentTranslatorOptions) {
    super(options)
    this.decoder = new GRU(options.width, options.width, { batchFirst: true })
  }

  // #region plain
  decode(tokens: Tensor, [first]: readonly Tensor[]): Decoded {
    const vectors = this.drop.forward(this.tokens.forward(tokens))
    const hidden = unsqueeze(first as Tensor, 0)
    const { output } = this.decoder.forward(vectors, { hidden })
    return { logits: this.logits.forward(this.drop.forward(output)) }
  }
  // #endregion
}

/** The decoder looks back behind each step: its state is compared with the encoder's by products. */
class LuongTranslator extends PlainTranslator {
  readonly query: Linear
  readonly combine: Linear

  constructor(options: RecurrentTranslatorOptions) {
    super(options)
    this.query = new Linear(options.width, options.width, { bias: false })
    this.combine = new Linear(2 * options.width, options.width)
  }

  // #region luong
  override decode(tokens: Tensor, [first, states, source]: readonly [Tensor, Tensor, Tensor]): Decoded {
    const vectors = this.drop.forward(this.tokens.forward(tokens))
    const { output } = this.decoder.forward(vectors, { hidden: unsqueeze(first, 0) })
    const [queries, keys] = [unsqueeze(this.query.forward(output), 1), unsqueeze(states, 1)]
    const mask = lengthMask(lengthsOf(source), source.shape[1] as number)
    const looked = attend(queries, keys, keys, { mask, scale: 1 })
    const context = squeeze(looked.output, 1)
    const joined = tanh(this.combine.forward(concat([context, output], 2)))
    return { logits: this.logits.forward(this.drop.forward(joined)), weights: squeeze(looked.weights, 1) }
  }
  // #endregion
}

/** The decoder looks back before each step, and reads what it saw together with the token before. */
class BahdanauTranslator extends Translator {
  readonly attention: BahdanauAttention
  readonly cell: GRUCell
  readonly combine: Linear

  constructor(options: RecurrentTranslatorOptions) {
    super(options)
    const { width } = options
    this.attention = new BahdanauAttention(width, width, width)
    this.cell = new GRUCell(2 * width, width)
    this.combine = new Linear(3 * width, width)
  }

  // #region bahdanau
  decode(tokens: Tensor, [first, states, source]: readonly [Tensor, Tensor, Tensor]): Decoded {
    const vectors = transpose(this.drop.forward(this.tokens.forward(tokens)), [1, 0, 2])
    const padding = equal(source, 0)
    const kept = currentDecoding() && keptState(first.shape, { first })
    const { carry, ys: [seen, looked] } = scan(
      ([state], [token]) => {
        const { context, weights } = this.attention.forward(state, states, padding)
        const next = this.cell.forward(concat([token, context], 1), state)
        return { carry: [next], ys: [concat([next, context, token], 1), weights] as const }
      },
      [kept?.present ?? first],
      [vectors],
    )
    kept?.keep(carry[0])
    const joined = tanh(this.combine.forward(transpose(seen, [1, 0, 2])))
    return { logits: this.logits.forward(this.drop.forward(joined)), weights: transpose(looked, [1, 0, 2]) }
  }
  // #endregion
}

const translators = { plain: PlainTranslator, bahdanau: BahdanauTranslator, luong: LuongTranslator } as const

/** A translator of gated states that looks at its source in one of three ways. */
export const recurrentTranslator = (options: RecurrentTranslatorOptions): PairModel =>
  new translators[options.looks](options)
