// From one head of attention to a transformer, rung by rung. Source: Karpathy, "Let's build GPT", 2023.
import { Embedding, LayerNorm, LearnedPositions, Linear, MultiHeadAttention, scaledDotProductAttention } from '@ddlf/nn'
import { add, concat, relu, type Tensor } from '@ddlf/tensor'

export const RUNGS = ['one-head', 'heads', 'feed-forward', 'blocks'] as const
export type Rung = (typeof RUNGS)[number]

export interface LectureNetOptions {
  readonly vocabulary: number
  readonly blockSize: number
  readonly width: number
  readonly heads: number
  readonly rung: Rung
}

// #region head
/** One head: what each position asks for, offers and tells. */
class Head {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear

  constructor(width: number, size: number) {
    this.query = new Linear(width, size, { bias: false })
    this.key = new Linear(width, size, { bias: false })
    this.value = new Linear(width, size, { bias: false })
  }

  /** @param x [B, T, width] @returns [B, T, size] */
  forward(x: Tensor): Tensor {
    const [q, k, v] = [this.query.forward(x), this.key.forward(x), this.value.forward(x)]
    return scaledDotProductAttention(q, k, v, { causal: true })
  }
}
// #endregion

/** Two layers at each position, `inside` units between; where it is 0, one layer with a ReLU behind it. */
class FeedForward {
  readonly first: Linear
  readonly second: Linear | undefined

  constructor(width: number, inside: number) {
    this.first = new Linear(width, inside || width)
    this.second = inside > 0 ? new Linear(inside, width) : undefined
  }

  forward(x: Tensor): Tensor {
    const hidden = relu(this.first.forward(x))
    return this.second ? this.second.forward(hidden) : hidden
  }
}

class Block {
  readonly norm1: LayerNorm
  readonly attention: MultiHeadAttention
  readonly norm2: LayerNorm
  readonly feedForward: FeedForward

  constructor(width: number, heads: number) {
    this.norm1 = new LayerNorm(width)
    this.attention = new MultiHeadAttention(width, heads, { batchFirst: true })
    this.norm2 = new LayerNorm(width)
    this.feedForward = new FeedForward(width, 4 * width)
  }

  forward(x: Tensor): Tensor {
    const normed = this.norm1.forward(x)
    const attended = add(x, this.attention.forward(normed, normed, normed, { causal: true }))
    return add(attended, this.feedForward.forward(this.norm2.forward(attended)))
  }
}

const BLOCKS = 3

export class LectureNet {
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly heads: readonly Head[]
  readonly feedForward: FeedForward | undefined
  readonly blocks: readonly Block[]
  readonly norm: LayerNorm | undefined
  readonly logits: Linear

  constructor({ vocabulary, blockSize, width, heads, rung }: LectureNetOptions) {
    this.tokens = new Embedding(vocabulary, width)
    this.positions = new LearnedPositions(blockSize, width)
    const count = { 'one-head': 1, heads, 'feed-forward': heads, blocks: 0 }[rung]
    this.heads = Array.from({ length: count }, () => new Head(width, width / count))
    this.feedForward = rung === 'feed-forward' ? new FeedForward(width, 0) : undefined
    this.blocks = rung === 'blocks' ? Array.from({ length: BLOCKS }, () => new Block(width, heads)) : []
    this.norm = rung === 'blocks' ? new LayerNorm(width) : undefined
    this.logits = new Linear(width, vocabulary)
  }

  /** @param x int32 [B, T] @returns logits [B, T, vocabulary] */
  forward(x: Tensor): Tensor {
    let h = this.positions.forward(this.tokens.forward(x))
    if (this.heads.length > 0) h = concat(this.heads.map(head => head.forward(h)), -1)
    if (this.feedForward) h = this.feedForward.forward(h)
    for (const block of this.blocks) h = block.forward(h)
    return this.logits.forward(this.norm ? this.norm.forward(h) : h)
  }
}
