// The layers of transformers: attention and a perceptron, each beside a residual path with a normalisation.
import { add, gelu, relu, requireTensors, tensorKind, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'
import { Dropout } from './dropout.ts'
import { LayerNorm } from './layer-norm.ts'
import { Linear } from './linear.ts'
import { maskKinds, MultiHeadAttention, type AttentionMasks } from './multi-head-attention.ts'

/** Settings of a layer of a transformer, PyTorch's. */
export interface TransformerLayerOptions {
  /** Units of the perceptron between, default 2048. */
  readonly dimFeedforward?: number
  /**
   * Probability with which attention weights, hidden units and what is added to the residual path are dropped;
   * default 0.1.
   */
  readonly dropout?: number
  /** Default 'relu'. */
  readonly activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor)
  /** Default 1e-5. */
  readonly layerNormEps?: number
  /** Whether the batch comes before time; default behind, [L, B, E], as in PyTorch. */
  readonly batchFirst?: boolean
  /**
   * Whether each part is normalised before it (as in GPT-2) instead of after its sum; default after. Source: Xiong et
   * al. 2020.
   */
  readonly normFirst?: boolean
  /** Whether linear layers and normalisations have biases; default yes. */
  readonly bias?: boolean
}

const ACTIVATIONS = { relu, gelu: (x: Tensor) => gelu(x) }

const KINDS = {
  dimFeedforward: kinds.whole(1), dropout: kinds.between(0, 1),
  activation: kinds.either(kinds.oneOf('relu', 'gelu'), kinds.callable),
  layerNormEps: kinds.atLeast(0), batchFirst: kinds.flag, normFirst: kinds.flag, bias: kinds.flag,
}

/** The parts of a layer, made in the order in which PyTorch makes them. */
function partsOf(owner: string, dModel: number, numHeads: number, options: TransformerLayerOptions) {
  const {
    dimFeedforward = 2048, dropout = 0.1, layerNormEps: eps = 1e-5, batchFirst = false, bias = true,
    activation = 'relu',
  } = checkOptions(owner, options, KINDS)
  checkArgument(owner, 'dModel', dModel, kinds.whole(1))
  checkArgument(owner, 'numHeads', numHeads, kinds.whole(1))
  return {
    attention: () => new MultiHeadAttention(dModel, numHeads, { dropout, bias, batchFirst }),
    expand: () => new Linear(dModel, dimFeedforward, { bias }),
    reduce: () => new Linear(dimFeedforward, dModel, { bias }),
    norm: () => new LayerNorm(dModel, { eps, bias }),
    drop: new Dropout(dropout),
    activation: typeof activation === 'function' ? activation : ACTIVATIONS[activation],
  }
}

/** x + part(norm(x)), or norm(x + part(x)). */
const residual = (x: Tensor, norm: LayerNorm, normFirst: boolean, part: (x: Tensor) => Tensor): Tensor =>
  normFirst ? add(x, part(norm.forward(x))) : norm.forward(add(x, part(x)))

/**
 * Attention of a sequence to itself, then a perceptron at each position. PyTorch: `TransformerEncoderLayer`, with the
 * same names of the state. Source: Vaswani et al., "Attention is all you need", 2017, section 3.1.
 */
export class TransformerEncoderLayer {
  readonly self_attn: MultiHeadAttention
  readonly linear1: Linear
  readonly dropout: Dropout
  readonly linear2: Linear
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  private readonly activation: (x: Tensor) => Tensor
  private readonly normFirst: boolean

  constructor(
    readonly dModel: number,
    readonly numHeads: number,
    options: TransformerLayerOptions = {},
  ) {
    const parts = partsOf('TransformerEncoderLayer', dModel, numHeads, options)
    this.self_attn = parts.attention()
    this.linear1 = parts.expand()
    this.dropout = parts.drop
    this.linear2 = parts.reduce()
    this.norm1 = parts.norm()
    this.norm2 = parts.norm()
    this.activation = parts.activation
    this.normFirst = options.normFirst ?? false
  }

  /** @param x [L, B, E], or [B, L, E] with `batchFirst` */
  forward(x: Tensor, masks: AttentionMasks = {}): Tensor {
    requireTensors('TransformerEncoderLayer', x)
    checkOptions('TransformerEncoderLayer', masks, maskKinds)
    const attended = residual(x, this.norm1, this.normFirst, y =>
      this.dropout.forward(this.self_attn.forward(y, y, y, masks)),
    )
    return residual(attended, this.norm2, this.normFirst, y => this.dropout.forward(this.perceptron(y)))
  }

  private perceptron(x: Tensor): Tensor {
    return this.linear2.forward(this.dropout.forward(this.activation(this.linear1.forward(x))))
  }
}

/** What a decoder layer may say of its two attentions. */
export interface DecoderMasks extends AttentionMasks {
  /** bool [B, S]: true where the memory is padding. PyTorch: `memory_key_padding_mask`. */
  readonly memoryKeyPaddingMask?: Tensor | undefined
  /** As `attentionMask`, for the attention to the memory. PyTorch: `memory_mask`. */
  readonly memoryMask?: Tensor | undefined
}

/**
 * Attention of a sequence to itself, then to a memory (an encoder's output), then a perceptron at each position.
 * PyTorch: `TransformerDecoderLayer`, with the same names of the state. Source: Vaswani et al. 2017, section 3.1.
 */
export class TransformerDecoderLayer {
  readonly self_attn: MultiHeadAttention
  readonly multihead_attn: MultiHeadAttention
  readonly linear1: Linear
  readonly dropout: Dropout
  readonly linear2: Linear
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly norm3: LayerNorm
  private readonly activation: (x: Tensor) => Tensor
  private readonly normFirst: boolean

  constructor(
    readonly dModel: number,
    readonly numHeads: number,
    options: TransformerLayerOptions = {},
  ) {
    const parts = partsOf('TransformerDecoderLayer', dModel, numHeads, options)
    this.self_attn = parts.attention()
    this.multihead_attn = parts.attention()
    this.linear1 = parts.expand()
    this.dropout = parts.drop
    this.linear2 = parts.reduce()
    this.norm1 = parts.norm()
    this.norm2 = parts.norm()
    this.norm3 = parts.norm()
    this.activation = parts.activation
    this.normFirst = options.normFirst ?? false
  }

  /**
   * @param x the sequence, [L, B, E] or [B, L, E] with `batchFirst`
   * @param memory [S, B, E] or [B, S, E]
   * @param masks `causal`, `attentionMask` and `keyPaddingMask` are those of the sequence itself
   */
  forward(x: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    requireTensors('TransformerDecoderLayer', x, memory)
    const { memoryKeyPaddingMask, memoryMask, ...own } = checkOptions('TransformerDecoderLayer', masks, {
      ...maskKinds, memoryKeyPaddingMask: tensorKind, memoryMask: tensorKind,
    })
    const toMemory = { keyPaddingMask: memoryKeyPaddingMask, attentionMask: memoryMask }
    const attended = residual(x, this.norm1, this.normFirst, y =>
      this.dropout.forward(this.self_attn.forward(y, y, y, own)),
    )
    const informed = residual(attended, this.norm2, this.normFirst, y =>
      this.dropout.forward(this.multihead_attn.forward(y, memory, memory, toMemory)),
    )
    return residual(informed, this.norm3, this.normFirst, y => this.dropout.forward(this.perceptron(y)))
  }

  private perceptron(x: Tensor): Tensor {
    return this.linear2.forward(this.dropout.forward(this.activation(this.linear1.forward(x))))
  }
}
