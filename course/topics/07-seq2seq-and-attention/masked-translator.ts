// A Transformer of one layer that reads and one that writes, as a well-known example has it: norms behind each part,
// heads as wide as all vectors, learned places.
// Source: Keras, neural_machine_translation_with_transformer, 2021, after Vaswani and others 2017.
import { PAIR_TOKENS, type PairModel } from '@ddlf/lab/experiments'
import {
  currentDecoding, decodingPositions, Dropout, Embedding, init, LayerNorm, Linear, MultiHeadAttention,
} from '@ddlf/nn'
import {
  add, argmax, equal, expand, full, gather, greater, range, relu, reshape, slice, type Tensor,
} from '@ddlf/tensor'
import { startAnew } from '../../start-anew.ts'
import { glorot } from './glorot.ts'

/** Sizes of the net. */
export interface MaskedTranslatorOptions {
  /** Words of each language, what fills up and the unknown one included. */
  readonly vocabulary: number
  /** Places of a source, and of what is written. */
  readonly longest: number
  readonly width: number
  readonly heads: number
  /** Hidden units of the perceptrons. */
  readonly hidden: number
  /** Share of what the last layer reads that is dropped in training. */
  readonly dropout: number
}

/** Vectors of words, with those of their places added. */
class PlacedWords {
  readonly words: Embedding
  readonly places: Embedding

  constructor({ vocabulary, longest, width }: MaskedTranslatorOptions) {
    const how = { init: init.uniform(-0.05, 0.05) }
    this.words = new Embedding(vocabulary, width, how)
    this.places = new Embedding(longest, width, how)
  }

  forward(tokens: Tensor): Tensor {
    const decoding = currentDecoding()
    const time = tokens.shape[1] as number
    const places = decoding
      ? gather(this.places.weight, decodingPositions(decoding, time))
      : slice(this.places.weight, { axis: 0, end: time })
    return add(this.words.forward(tokens), places)
  }
}

/** The bounds of Keras count the axes of heads as those of a picture: those of its inner weights are a fifth. */
function attention({ width, heads }: MaskedTranslatorOptions): MultiHeadAttention {
  const made = new MultiHeadAttention(width, heads, { headDim: width, batchFirst: true })
  startAnew(made.in_proj_weight, glorot(heads * width, width * width))
  startAnew(made.out_proj.weight, glorot(heads * width, heads * width))
  startAnew(made.out_proj.bias, init.zeros)
  return made
}

function linear(inputs: number, outputs: number): Linear {
  const made = new Linear(inputs, outputs)
  startAnew(made.weight, glorot(inputs, outputs))
  startAnew(made.bias, init.zeros)
  return made
}

/** Norms behind, with Keras' small number. */
const norm = ({ width }: MaskedTranslatorOptions) => new LayerNorm(width, { eps: 1e-3 })

class Perceptron {
  readonly expand: Linear
  readonly reduce: Linear

  constructor({ width, hidden }: MaskedTranslatorOptions) {
    this.expand = linear(width, hidden)
    this.reduce = linear(hidden, width)
  }

  forward(x: Tensor): Tensor {
    return this.reduce.forward(relu(this.expand.forward(x)))
  }
}

export class MaskedTranslator implements PairModel {
  readonly sourceWords: PlacedWords
  readonly readAttention: MultiHeadAttention
  readonly readPerceptron: Perceptron
  readonly readNorms: readonly LayerNorm[]
  readonly targetWords: PlacedWords
  readonly ownAttention: MultiHeadAttention
  readonly backAttention: MultiHeadAttention
  readonly writePerceptron: Perceptron
  readonly writeNorms: readonly LayerNorm[]
  readonly logits: Linear
  readonly #drop: Dropout

  constructor(options: MaskedTranslatorOptions) {
    this.sourceWords = new PlacedWords(options)
    this.readAttention = attention(options)
    this.readPerceptron = new Perceptron(options)
    this.readNorms = [norm(options), norm(options)]
    this.targetWords = new PlacedWords(options)
    this.ownAttention = attention(options)
    this.backAttention = attention(options)
    this.writePerceptron = new Perceptron(options)
    this.writeNorms = [norm(options), norm(options), norm(options)]
    this.logits = linear(options.width, options.vocabulary)
    this.#drop = new Dropout(options.dropout)
  }

  /** @param source int32 [B, S] @returns what its places say [B, S, W] */
  encode(source: Tensor): readonly Tensor[] {
    const [first, second] = this.readNorms as [LayerNorm, LayerNorm]
    const words = this.sourceWords.forward(source)
    const keyPaddingMask = equal(source, PAIR_TOKENS.padding)
    const seen = first.forward(add(words, this.readAttention.forward(words, words, words, { keyPaddingMask })))
    return [second.forward(add(seen, this.readPerceptron.forward(seen)))]
  }

  // #region decode
  /** The mask of what is written lies over the source, too: place i looks at places 0 to i of the source alone. */
  decode(tokens: Tensor, [memory]: readonly [Tensor]): { readonly logits: Tensor } {
    const [first, second, third] = this.writeNorms as [LayerNorm, LayerNorm, LayerNorm]
    const words = this.targetWords.forward(tokens)
    const own = first.forward(add(words, this.ownAttention.forward(words, words, words, { causal: true })))
    const looked = this.backAttention.forward(own, memory, memory, { attentionMask: this.#beyond(tokens, memory) })
    const seen = second.forward(add(own, looked))
    const written = third.forward(add(seen, this.writePerceptron.forward(seen)))
    return { logits: this.logits.forward(this.#drop.forward(written)) }
  }
  // #endregion

  /** Which places of the source stand behind each that is written, bool [T, S] or [B * heads, T, S]. */
  #beyond(tokens: Tensor, memory: Tensor): Tensor {
    const [batch, time] = tokens.shape as [number, number]
    const places = memory.shape[1] as number
    const decoding = currentDecoding()
    if (!decoding) return greater(range(places), reshape(range(time), [time, 1]))
    const { numHeads } = this.backAttention
    const beyond = greater(range(places), reshape(decodingPositions(decoding, time), [batch, 1, time, 1]))
    return reshape(expand(beyond, [batch, numHeads, time, places]), [batch * numHeads, time, places])
  }

  forward(source: Tensor): Tensor {
    const first = full([source.shape[0] as number, 1], PAIR_TOKENS.start, 'int32')
    return argmax(this.decode(first, this.encode(source) as [Tensor]).logits)
  }
}
