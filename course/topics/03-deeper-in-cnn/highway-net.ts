// Dense layers in a row, very many of them: plain, with a shortcut, or with a gate that decides how much passes by.
import { add, mul, sigmoid, sub, tanh, type Tensor } from '@ddlf/tensor'
import { Flatten, init, Linear, type Module } from '@ddlf/nn'

/** What stands between a block's input and its output. */
export type Passage = 'plain' | 'shortcut' | 'gate'

/** Sizes of the net. */
export interface HighwayNetOptions {
  /** Blocks between the first and the last layer. */
  readonly depth: number
  readonly passage: Passage
  /** Units of each block; default 50. */
  readonly width?: number
}

/**
 * 784 to 50 units, `depth` blocks of 50 tanh units, 10 classes: plain nets, residual ones, and the highway networks of
 * Srivastava, Greff and Schmidhuber, "Training very deep networks", 2015, equation 3.
 */
export class HighwayNet implements Module {
  readonly first: Linear
  readonly blocks: readonly Block[]
  readonly logits: Linear
  readonly #flatten = new Flatten()

  constructor({ depth, passage, width = 50 }: HighwayNetOptions) {
    this.first = new Linear(784, width)
    this.blocks = Array.from({ length: depth }, () => new Block(width, passage))
    this.logits = new Linear(width, 10)
  }

  /** @param images [N, 1, 28, 28] */
  forward(images: Tensor): Tensor {
    const first = tanh(this.first.forward(this.#flatten.forward(images)))
    return this.logits.forward(this.blocks.reduce((x, block) => block.forward(x), first))
  }
}

/** The gates begin nearly shut: sigmoid(-2) = 0.12 of a block's own values, the rest is passed on. */
const SHUT = -2

class Block implements Module {
  readonly transform: Linear
  readonly gate: Linear | undefined

  constructor(width: number, readonly passage: Passage) {
    this.transform = new Linear(width, width)
    this.gate = passage === 'gate' ? new Linear(width, width, { biasInit: init.constant(SHUT) }) : undefined
  }

  // #region block
  forward(x: Tensor): Tensor {
    const h = tanh(this.transform.forward(x))
    if (this.passage === 'shortcut') return add(x, h)
    if (!this.gate) return h
    const t = sigmoid(this.gate.forward(x)) // 0: only x, 1: only h
    return add(mul(h, t), mul(x, sub(1, t)))
  }
  // #endregion
}
