// A GPT: what each position says of the next token follows from the tokens up to it. Radford et al. 2019; sizes of
// nanoGPT.
import {
  Dropout, Embedding, init, LayerNorm, LearnedPositions, Linear, namedParameters, TransformerEncoderLayer,
} from '@ddlf/nn'
import { gelu, type Tensor } from '@ddlf/tensor'
import { startAnew } from '../../start-anew.ts'

export interface GptOptions {
  readonly vocabulary: number
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  readonly dropout: number
  /** Whether linear layers and normalisations have biases, as in GPT-2; default no. */
  readonly biases?: boolean
  /** Whether the table of tokens is also the last layer, as in GPT-2; default no. */
  readonly tied?: boolean
  /** GELU as it is (default), or by tanh, as GPT-2 computes it. */
  readonly activation?: 'gelu' | 'gelu-tanh'
  /**
   * First weights as PyTorch's layers have them (default), or as GPT-2: normal of deviation 0.02, and smaller where a
   * layer adds to the residual stream, the smaller the more layers there are.
   */
  readonly start?: 'pytorch' | 'gpt-2'
}

const ACTIVATIONS = { gelu: 'gelu', 'gelu-tanh': (x: Tensor) => gelu(x, { approximate: 'tanh' }) } as const

// #region start
/** GPT-2's first weights: what is added to the residual stream 2 * layers times begins smaller by the root of that. */
function startAsGpt2(model: Gpt): void {
  for (const [name, weight] of namedParameters(model)) {
    if (weight.rank < 2 || !name.startsWith('layers.')) continue
    const adds = name.endsWith('out_proj.weight') || name.endsWith('linear2.weight')
    const deviation = adds ? 0.02 / Math.sqrt(2 * model.layers.length) : 0.02
    startAnew(weight, init.normal(0, deviation))
  }
}
// #endregion

export class Gpt {
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly drop: Dropout
  readonly layers: readonly TransformerEncoderLayer[]
  readonly norm: LayerNorm
  readonly logits: Linear

  constructor(options: GptOptions) {
    const { vocabulary, blockSize, layers, heads, width, dropout } = options
    const { biases: bias = false, tied = false, activation = 'gelu', start = 'pytorch' } = options
    // Small, as in GPT-2: with the default of 1 the first losses are several times those of guessing.
    const small = init.normal(0, 0.02)
    const how = {
      dimFeedforward: 4 * width,
      dropout,
      activation: ACTIVATIONS[activation],
      batchFirst: true,
      normFirst: true,
      bias,
    }
    this.tokens = new Embedding(vocabulary, width, { init: small })
    this.positions = new LearnedPositions(blockSize, width, { init: small })
    this.drop = new Dropout(dropout)
    this.layers = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, how))
    this.norm = new LayerNorm(width, { bias })
    // nanoGPT's last layer begins as the table of tokens does.
    this.logits = new Linear(width, vocabulary, {
      bias: false, ...(tied ? { weight: this.tokens.weight } : start === 'gpt-2' && { init: small }),
    })
    if (start === 'gpt-2') startAsGpt2(this)
  }

  // #region forward
  /** @param x int32 [N, T] @returns logits [N, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const embedded = this.drop.forward(this.positions.forward(this.tokens.forward(x)))
    return this.logits.forward(
      this.norm.forward(this.layers.reduce((h, layer) => layer.forward(h, { causal: true }), embedded)),
    )
  }
  // #endregion
}
