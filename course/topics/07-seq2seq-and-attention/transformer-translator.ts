// A Transformer that translates: every place of the source looks at all of it, and every place of the target at those
// before it and at the source. Source: Vaswani and others, "Attention is all you need", 2017; norms first, as is usual.
import type { PairModel } from '@ddlf/lab/experiments'
import {
  Dropout, Embedding, init, LayerNorm, Linear, SinusoidalPositions, TransformerDecoderLayer, TransformerEncoderLayer,
} from '@ddlf/nn'
import { argmax, equal, mul, type Tensor } from '@ddlf/tensor'

/** Sizes of the translator. */
export interface TransformerTranslatorOptions {
  readonly vocabulary: number
  /** The most tokens of a source, and of what is written. */
  readonly longest: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly dropout: number
}

/** Encoder and decoder of attention and perceptrons; one table of vectors, which is the last layer, too. */
export class TransformerTranslator implements PairModel {
  readonly tokens: Embedding
  readonly positions: SinusoidalPositions
  readonly encoder: readonly TransformerEncoderLayer[]
  readonly encoderNorm: LayerNorm
  readonly decoder: readonly TransformerDecoderLayer[]
  readonly decoderNorm: LayerNorm
  readonly logits: Linear
  readonly #drop: Dropout
  readonly #scale: number

  constructor({ vocabulary, longest, width, layers, heads, dropout }: TransformerTranslatorOptions) {
    const how = { dimFeedforward: 4 * width, dropout, batchFirst: true, normFirst: true }
    this.tokens = new Embedding(vocabulary, width, { init: init.normal(0, width ** -0.5) })
    this.positions = new SinusoidalPositions(longest + 1, width)
    this.encoder = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, how))
    this.encoderNorm = new LayerNorm(width)
    this.decoder = Array.from({ length: layers }, () => new TransformerDecoderLayer(width, heads, how))
    this.decoderNorm = new LayerNorm(width)
    this.logits = new Linear(width, vocabulary, { bias: false, weight: this.tokens.weight })
    this.#drop = new Dropout(dropout)
    this.#scale = Math.sqrt(width)
  }

  // #region transformer
  /** Vectors of tokens, as long as their places' vectors, and these. */
  #read(tokens: Tensor): Tensor {
    return this.#drop.forward(this.positions.forward(mul(this.tokens.forward(tokens), this.#scale)))
  }

  /** @param source int32 [B, S] @returns what its places say [B, S, W], and the source */
  encode(source: Tensor): readonly Tensor[] {
    const masks = { keyPaddingMask: equal(source, 0) }
    const read = this.encoder.reduce((h, layer) => layer.forward(h, masks), this.#read(source))
    return [this.encoderNorm.forward(read), source]
  }

  decode(tokens: Tensor, [memory, source]: readonly [Tensor, Tensor]): { readonly logits: Tensor } {
    const masks = { causal: true, memoryKeyPaddingMask: equal(source, 0) }
    const written = this.decoder.reduce((h, layer) => layer.forward(h, memory, masks), this.#read(tokens))
    return { logits: this.logits.forward(this.decoderNorm.forward(written)) }
  }
  // #endregion

  forward(source: Tensor): Tensor {
    return argmax(this.decode(source, this.encode(source) as [Tensor, Tensor]).logits)
  }
}
