// Images moved by a pixel each way, what leaves on one side coming in on the other.
import { add, matmul, mul, sub, tensor, transpose, type Tensor } from '@ddlf/tensor'
import { isTraining, randomBernoulli } from '@ddlf/nn'

/** [side, side]: row i of a product with it is row i + by of what it is multiplied with, around the edge. */
const rolling = (side: number, by: number): Tensor =>
  tensor(
    Float32Array.from({ length: side * side }, (_, i) =>
      (i % side === (Math.floor(i / side) + by + side) % side ? 1 : 0)),
    { shape: [side, side] },
  )

/**
 * In training, moves each image by -1, 0 or 1 pixels up and sideways, each equally often, drawn anew for each image
 * and each direction; otherwise passes it on. PyTorch: `torch.roll`.
 * Source: Karpathy, "Deep neural nets: 33 years ago and 33 years from now", 2022, modern.py.
 */
export class RandomRoll {
  readonly #matrices: readonly [Tensor, Tensor, Tensor]

  /** @param side height and width of the images in pixels */
  constructor(side: number) {
    this.#matrices = [rolling(side, -1), rolling(side, 0), rolling(side, 1)]
  }

  /** @param images [N, C, side, side] */
  forward(images: Tensor): Tensor {
    if (!isTraining()) return images
    const [count = 0] = images.shape
    return matmul(matmul(this.#draw(count), images), transpose(this.#draw(count), [0, 1, 3, 2]))
  }

  /** [count, 1, side, side]: one of the three matrices for each image. */
  #draw(count: number): Tensor {
    const [up, stay, down] = this.#matrices
    const stays = randomBernoulli([count, 1, 1, 1], 1 / 3)
    const rises = randomBernoulli([count, 1, 1, 1], 1 / 2)
    const moved = add(mul(up, rises), mul(down, sub(1, rises)))
    return add(mul(stay, stays), mul(moved, sub(1, stays)))
  }
}
