// What LeNet-5 of 1998 is built from that nobody builds today: trained subsampling, and maps that see some maps only.
import { add, averagePool2d, conv2d, matmul, mul, reshape, tanh, tensor, type Tensor } from '@ddlf/tensor'
import { init, newParameter, type Module } from '@ddlf/nn'

/** The paper's squashing function, 1.7159 tanh(2/3 x): appendix A. */
export const squash = (x: Tensor): Tensor => mul(tanh(mul(x, 2 / 3)), 1.7159)

/** Appendix A: weights uniform in +-2.4 / fan in. */
export const firstWeights: init.Initializer = (shape, key) => {
  const limit = 2.4 / init.fans(shape).fanIn
  return init.uniform(-limit, limit)(shape, key)
}

/**
 * A subsampling layer: the sum of each 2x2 window times one trained coefficient a channel, plus one trained bias,
 * squashed.
 */
export class Subsampling implements Module {
  readonly weight: Tensor
  readonly bias: Tensor

  constructor(readonly channels: number) {
    // Four inputs share the coefficient.
    this.weight = newParameter([channels], init.uniform(-2.4 / 4, 2.4 / 4))
    this.bias = newParameter([channels], init.zeros)
  }

  forward(x: Tensor): Tensor {
    const over = (value: Tensor) => reshape(value, [1, this.channels, 1, 1])
    return squash(add(mul(averagePool2d(x, { kernel: 2 }), over(mul(this.weight, 4))), over(this.bias)))
  }
}

/** Which maps of S2 each map of C3 sees: the paper's table I. */
const CONNECTIONS: readonly (readonly number[])[] = [
  [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
  [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
  [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
]

/** The partly connected convolution C3: one kernel for every listed pair, kept in one row of numbers. */
export class PartialConvolution implements Module {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly #placement: Tensor

  constructor() {
    const pairs = CONNECTIONS.flatMap((inputs, output) =>
      inputs.map(input => ({ output, input, fanIn: inputs.length * 25 })),
    )
    this.weight = newParameter([pairs.length, 25], (_, key) =>
      init
        .uniform(-1, 1)([pairs.length, 25], key)
        .map((value, i) => (value * 2.4) / (pairs[Math.floor(i / 25)]?.fanIn ?? 1)),
    )
    this.bias = newParameter([CONNECTIONS.length], init.zeros)
    // [16 * 6, pairs]: puts each kernel in its place of a full weight and leaves zeros elsewhere.
    const placement = new Float32Array(CONNECTIONS.length * 6 * pairs.length)
    pairs.forEach(({ output, input }, pair) => (placement[(output * 6 + input) * pairs.length + pair] = 1))
    this.#placement = tensor(placement, { shape: [CONNECTIONS.length * 6, pairs.length] })
  }

  forward(x: Tensor): Tensor {
    const weight = reshape(matmul(this.#placement, this.weight), [CONNECTIONS.length, 6, 5, 5])
    return conv2d(x, weight, this.bias)
  }
}
