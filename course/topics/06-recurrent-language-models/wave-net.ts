// A context read in pairs, and pairs of pairs: the tree of van den Oord's WaveNet (2016) in the size of makemore's.
import { BatchNorm1d, Embedding, init, Linear } from '@ddlf/nn'
import { reshape, tanh, UserError, type Tensor } from '@ddlf/tensor'

export interface WaveNetOptions {
  readonly vocabulary: number
  /** Tokens that it sees: a power of 2, 2 at least. */
  readonly blockSize: number
  readonly embedding: number
  readonly hidden: number
  /** Normalise each place of a level by itself, as makemore did before its correction, instead of all of a level. */
  readonly normPerPlace: boolean
}

export const TREE_SIZES = 'must be a power of 2 from 2 on (2, 4, 8, 16, 32, 64)'
/** Whether so many leaves make a tree of pairs. */
export const isTree = (leaves: number): boolean => leaves >= 2 && Number.isInteger(Math.log2(leaves))

/** Two neighbours become one: [N, T, C] to [N, T / 2, hidden]. */
class Pair {
  readonly weigh: Linear
  readonly norm: BatchNorm1d

  constructor(
    width: number,
    hidden: number,
    places: number,
    readonly normPerPlace: boolean,
  ) {
    this.weigh = new Linear(2 * width, hidden, { bias: false, init: init.normal(0, 1 / Math.sqrt(2 * width)) })
    this.norm = new BatchNorm1d(normPerPlace ? places * hidden : hidden)
  }

  forward(x: Tensor): Tensor {
    const [count, length, width] = x.shape as [number, number, number]
    const pairs = this.weigh.forward(reshape(x, [count, length / 2, 2 * width]))
    const rows = reshape(pairs, [this.normPerPlace ? count : -1, this.norm.numFeatures])
    return tanh(reshape(this.norm.forward(rows), pairs.shape))
  }
}

/** @throws UserError for a blockSize that is no power of 2, or below 2 */
export class WaveNet {
  readonly blockSize: number
  readonly tokens: Embedding
  readonly levels: readonly Pair[]
  readonly logits: Linear

  constructor({ vocabulary, blockSize, embedding, hidden, normPerPlace }: WaveNetOptions) {
    if (!isTree(blockSize))
      throw new UserError({
        rule: `blockSize ${TREE_SIZES}: the tree joins neighbours until one is left.`,
        received: String(blockSize),
        next: 'Write blockSize: 8, for example.',
      })
    this.blockSize = blockSize
    this.tokens = new Embedding(vocabulary, embedding)
    this.levels = Array.from(
      { length: Math.log2(blockSize) },
      (_, k) => new Pair(k === 0 ? embedding : hidden, hidden, blockSize / 2 ** (k + 1), normPerPlace),
    )
    this.logits = new Linear(hidden, vocabulary, { init: init.normal(0, 0.1 / Math.sqrt(hidden)) })
  }

  // #region forward
  /** @param x int32 [N, blockSize] @returns logits of the next token [N, 1, vocabulary] */
  forward(x: Tensor): Tensor {
    const root = this.levels.reduce((h, level) => level.forward(h), this.tokens.forward(x))
    return this.logits.forward(root)
  }
  // #endregion
}
