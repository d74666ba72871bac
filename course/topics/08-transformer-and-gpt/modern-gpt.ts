// A GPT whose parts can be exchanged one by one: GPT-2's, or what language models have in their place since.
import {
  Embedding, init, LayerNorm, LearnedPositions, Linear, MultiHeadAttention, RmsNorm, rotary, SinusoidalPositions,
  SwiGlu,
} from '@ddlf/nn'
import { add, gelu, type Tensor } from '@ddlf/tensor'

export interface ModernGptOptions {
  readonly vocabulary: number
  /** The longest text that is read at once. */
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  /** Biases in linear layers and in layer norms, as in GPT-2. */
  readonly biases: boolean
  readonly norm: 'layer' | 'rms'
  /** Whether each part is normalised before it, or its sum with the residual stream after it. */
  readonly normPlace: 'before' | 'after'
  readonly feedForward: 'gelu' | 'swiglu'
  readonly positions: 'learned' | 'sinusoidal' | 'rotary' | 'alibi' | 'none'
  /** Whether queries and keys are normalised before they meet. Source: Henry et al. 2020; Dehghani et al. 2023. */
  readonly qkNorm: boolean
}

/** A perceptron at each position: four times as wide inside, GELU between. */
class FeedForward {
  readonly expand: Linear
  readonly reduce: Linear

  constructor(width: number, bias: boolean) {
    this.expand = new Linear(width, 4 * width, { bias })
    this.reduce = new Linear(4 * width, width, { bias })
  }

  forward(x: Tensor): Tensor {
    return this.reduce.forward(gelu(this.expand.forward(x)))
  }
}

const normOf = ({ norm, width, biases }: ModernGptOptions) =>
  norm === 'rms' ? new RmsNorm(width) : new LayerNorm(width, { bias: biases })

/** Attention and a perceptron, each added to the residual stream. */
class Block {
  readonly norm1: LayerNorm | RmsNorm
  readonly attention: MultiHeadAttention
  readonly queryNorm: RmsNorm | undefined
  readonly keyNorm: RmsNorm | undefined
  readonly norm2: LayerNorm | RmsNorm
  readonly feedForward: FeedForward | SwiGlu
  readonly #options: ModernGptOptions

  constructor(options: ModernGptOptions) {
    const { width, heads, biases, qkNorm, feedForward } = options
    this.#options = options
    this.norm1 = normOf(options)
    this.attention = new MultiHeadAttention(width, heads, { bias: biases, batchFirst: true })
    this.queryNorm = qkNorm ? new RmsNorm(width / heads) : undefined
    this.keyNorm = qkNorm ? new RmsNorm(width / heads) : undefined
    this.norm2 = normOf(options)
    // Three matrices of two thirds of the width hold as many weights as two.
    this.feedForward = feedForward === 'swiglu' ? new SwiGlu(width, Math.round((8 * width) / 3))
      : new FeedForward(width, biases)
  }

  // #region block
  /** @param x the residual stream [B, T, width] */
  forward(x: Tensor): Tensor {
    if (this.#options.normPlace === 'after') {
      const attended = this.norm1.forward(add(x, this.attend(x)))
      return this.norm2.forward(add(attended, this.feedForward.forward(attended)))
    }
    const attended = add(x, this.attend(this.norm1.forward(x)))
    return add(attended, this.feedForward.forward(this.norm2.forward(attended)))
  }

  private attend(x: Tensor): Tensor {
    return this.attention.forward(x, x, x, {
      causal: true,
      alibi: this.#options.positions === 'alibi',
      prepare: (vectors, which) => {
        const norm = which === 'query' ? this.queryNorm : this.keyNorm
        const sized = norm ? norm.forward(vectors) : vectors
        return this.#options.positions === 'rotary' ? rotary(sized) : sized
      },
    })
  }
  // #endregion
}

/** What is added to the vectors of tokens, where anything is. */
function addedPositions({ positions, blockSize, width }: ModernGptOptions) {
  if (positions === 'learned') return new LearnedPositions(blockSize, width, { init: init.normal(0, 0.02) })
  return positions === 'sinusoidal' ? new SinusoidalPositions(blockSize, width) : undefined
}

export class ModernGpt {
  readonly tokens: Embedding
  readonly positions: LearnedPositions | SinusoidalPositions | undefined
  readonly blocks: readonly Block[]
  readonly norm: LayerNorm | RmsNorm | undefined
  readonly logits: Linear

  constructor(options: ModernGptOptions) {
    const { vocabulary, layers, width, positions, normPlace } = options
    // Beside sinusoids, which are of size 1, small vectors would be drowned.
    const small = init.normal(0, positions === 'sinusoidal' ? 1 : 0.02)
    this.tokens = new Embedding(vocabulary, width, { init: small })
    this.positions = addedPositions(options)
    this.blocks = Array.from({ length: layers }, () => new Block(options))
    // Norms behind each part leave nothing to normalise at the end.
    this.norm = normPlace === 'before' ? normOf(options) : undefined
    this.logits = new Linear(width, vocabulary, { bias: false })
  }

  /** @param x int32 [B, T] @returns logits [B, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const vectors = this.tokens.forward(x)
    const placed = this.positions ? this.positions.forward(vectors) : vectors
    const stream = this.blocks.reduce((h, block) => block.forward(h), placed)
    return this.logits.forward(this.norm ? this.norm.forward(stream) : stream)
  }
}
