// The net of 1989 that read postcodes, as Karpathy rebuilt it 33 years later.
import { add, concat, conv2d, matmul, pad, relu, slice, tanh, tensor, transpose, type Tensor } from '@ddlf/tensor'
import { Dropout, Flatten, init, newParameter, type Module } from '@ddlf/nn'
import { RandomRoll } from './random-roll.ts'

/**
 * Pictures of 16x16, two convolutions of 5x5 that move by 2, and two dense layers: 9,760 parameters. Every place of a
 * map has a bias of its own, and each map of H2 sees eight of the twelve maps before it. [N, 1, 28, 28] to [N, 10],
 * pixels from -1 to 1; the pictures are made smaller here.
 * Sources: LeCun et al., "Backpropagation applied to handwritten zip code recognition", 1989; Karpathy, "Deep neural
 * nets: 33 years ago and 33 years from now", 2022, for what the paper leaves open.
 */
export class LeNet1989 implements Module {
  // #region model
  readonly h1 = weights([12, 1, 5, 5], 25)
  readonly h1Bias = newParameter([12, 8, 8], init.zeros)
  readonly h2 = weights([12, 8, 5, 5], 8 * 25)
  readonly h2Bias = newParameter([12, 4, 4], init.zeros)
  readonly h3 = weights([12 * 4 * 4, 30], 12 * 4 * 4)
  readonly h3Bias = newParameter([30], init.zeros)
  readonly out = weights([30, 10], 30)
  readonly outBias: Tensor

  /**
   * @param options `modern`: ReLU, dropout and logits; `squash`: tanh behind the last layer, as in 1989; `shift`: the
   * small pictures are moved in training
   */
  constructor({ modern = false, squash = true, dropout = 0, shift = false } = {}) {
    this.#bend = modern ? relu : tanh
    this.#last = squash ? tanh : x => x
    this.#dropout = new Dropout(dropout)
    this.#roll = shift ? new RandomRoll(SIDE) : undefined
    this.outBias = newParameter([10], squash ? init.constant(-1) : init.zeros)
  }

  forward(images: Tensor): Tensor {
    const small = smaller(images)
    const h1 = this.#bend(add(windows(this.#roll?.forward(small) ?? small, this.h1), this.h1Bias))
    const seen = (...maps: readonly Tensor[]) => (maps.length === 1 ? (maps[0] as Tensor) : concat(maps, 1))
    const h2 = concat([
      windows(seen(part(h1, 1, 0, 8)), part(this.h2, 0, 0, 4)),
      windows(seen(part(h1, 1, 4, 12)), part(this.h2, 0, 4, 8)),
      windows(seen(part(h1, 1, 0, 4), part(h1, 1, 8, 12)), part(this.h2, 0, 8, 12)),
    ], 1)
    const found = this.#flatten.forward(this.#dropout.forward(this.#bend(add(h2, this.h2Bias))))
    const h3 = this.#bend(add(matmul(found, this.h3), this.h3Bias))
    return this.#last(add(matmul(h3, this.out), this.outBias))
  }
  // #endregion
  readonly #bend: (x: Tensor) => Tensor
  readonly #last: (x: Tensor) => Tensor
  readonly #dropout: Dropout
  readonly #roll: RandomRoll | undefined
  readonly #flatten = new Flatten()
}

/** Weights uniform in +-2.4 / sqrt(fan in), as Karpathy reads the paper. */
function weights(shape: readonly number[], fanIn: number): Tensor {
  const limit = 2.4 / Math.sqrt(fanIn)
  return newParameter(shape, init.uniform(-limit, limit))
}

const part = (x: Tensor, axis: number, start: number, end: number): Tensor => slice(x, { axis, start, end })

/** A convolution of 5x5 that moves by 2; around the picture stands paper, -1. */
function windows(x: Tensor, weight: Tensor): Tensor {
  const around = pad(x, [[0, 0], [0, 0], [2, 2], [2, 2]], -1)
  return conv2d(around, weight, undefined, { stride: 2 })
}

/** Height and width of the small pictures. */
const SIDE = 16

/** [16, 28]: a row of 28 pixels to one of 16, between the two nearest (bilinear, no smoothing, corners not aligned). */
const shrink = tensor(
  Float32Array.from({ length: SIDE * 28 }, (_, i) => {
    const at = (Math.floor(i / 28) + 0.5) * (28 / SIDE) - 0.5
    return Math.max(0, 1 - Math.abs(at - (i % 28)))
  }),
  { shape: [SIDE, 28] },
)
const widen = transpose(shrink, [1, 0])
const smaller = (images: Tensor): Tensor => matmul(matmul(shrink, images), widen)
