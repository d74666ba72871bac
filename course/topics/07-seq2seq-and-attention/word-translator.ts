// The Transformer of Trevett's notebook: norms behind each part, learned places, a table of vectors for each language.
// Source: Trevett, pytorch-seq2seq, notebook 6, after Vaswani and others, "Attention is all you need", 2017.
import { PAIR_TOKENS, type PairModel } from '@ddlf/lab/experiments'
import {
  Dropout, Embedding, init, LearnedPositions, Linear, TransformerDecoderLayer, TransformerEncoderLayer,
  type MultiHeadAttention,
} from '@ddlf/nn'
import { argmax, concat, equal, full, mul, type Tensor } from '@ddlf/tensor'
import { startAnew } from '../../start-anew.ts'

/** Places that have a vector. */
const PLACES = 100

/** Sizes of the translator. */
export interface WordTranslatorOptions {
  /** Words of the language that is written, and of the one that is read. */
  readonly vocabulary: number
  readonly sourceVocabulary: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly feedForward: number
  readonly dropout: number
}

/** What turns tokens into vectors: of what they are, as long as those of where they stand, and these. */
class Reader {
  readonly tokens: Embedding
  readonly places: LearnedPositions
  readonly #drop: Dropout
  readonly #scale: number

  constructor(vocabulary: number, width: number, dropout: number) {
    this.tokens = new Embedding(vocabulary, width, { init: init.xavierUniform() })
    this.places = new LearnedPositions(PLACES, width, { init: init.xavierUniform() })
    this.#drop = new Dropout(dropout)
    this.#scale = Math.sqrt(width)
  }

  forward(tokens: Tensor): Tensor {
    return this.#drop.forward(this.places.forward(mul(this.tokens.forward(tokens), this.#scale)))
  }
}

/** Glorot's values for each projection by itself, and PyTorch's biases of linear layers. */
function startAttention({ embedDim, in_proj_weight, in_proj_bias, out_proj }: MultiHeadAttention): void {
  const limit = embedDim ** -0.5
  // Three matrices [W, W] are one [3 W, W], whose fans would be 4 W instead of 2 W.
  startAnew(in_proj_weight, init.xavierUniform({ gain: Math.SQRT2 }))
  startAnew(in_proj_bias, init.uniform(-limit, limit))
  startAnew(out_proj.weight, init.xavierUniform())
  startAnew(out_proj.bias, init.uniform(-limit, limit))
}

/** Encoder and decoder of attention and perceptrons, as the notebook has them. */
export class WordTranslator implements PairModel {
  readonly source: Reader
  readonly encoder: readonly TransformerEncoderLayer[]
  readonly target: Reader
  readonly decoder: readonly TransformerDecoderLayer[]
  readonly logits: Linear

  constructor(sizes: WordTranslatorOptions) {
    const { vocabulary, sourceVocabulary, width, layers, heads, feedForward, dropout } = sizes
    const how = { dimFeedforward: feedForward, dropout, batchFirst: true }
    this.source = new Reader(sourceVocabulary, width, dropout)
    this.encoder = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, how))
    this.target = new Reader(vocabulary, width, dropout)
    this.decoder = Array.from({ length: layers }, () => new TransformerDecoderLayer(width, heads, how))
    this.logits = new Linear(width, vocabulary)
    for (const { self_attn } of this.encoder) startAttention(self_attn)
    for (const { self_attn, multihead_attn } of this.decoder) for (const one of [self_attn, multihead_attn])
      startAttention(one)
    for (const { weight } of [...this.encoder, ...this.decoder].flatMap(one => [one.linear1, one.linear2]))
      startAnew(weight, init.xavierUniform())
    startAnew(this.logits.weight, init.xavierUniform())
  }

  /** @param source int32 [B, S] @returns what its places say [B, 1 + S, W], and the source behind a start */
  encode(source: Tensor): readonly Tensor[] {
    const begun = concat([full([source.shape[0] as number, 1], PAIR_TOKENS.start, 'int32'), source], 1)
    const masks = { keyPaddingMask: equal(begun, 0) }
    return [this.encoder.reduce((h, layer) => layer.forward(h, masks), this.source.forward(begun)), begun]
  }

  decode(tokens: Tensor, [memory, source]: readonly [Tensor, Tensor]): { readonly logits: Tensor } {
    const masks = { causal: true, memoryKeyPaddingMask: equal(source, 0) }
    const written = this.decoder.reduce((h, layer) => layer.forward(h, memory, masks), this.target.forward(tokens))
    return { logits: this.logits.forward(written) }
  }

  forward(source: Tensor): Tensor {
    return argmax(this.decode(source, this.encode(source) as [Tensor, Tensor]).logits)
  }
}
