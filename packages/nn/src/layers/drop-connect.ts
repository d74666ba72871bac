// DropConnect: weights that are dropped at random, where dropout drops units.
import { add, div, erf, exp, linear, mul, neg, relu, requireTensors, sqrt, square, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'
import { initializerKind, kaimingUniform, newParameter, uniform, zeros, type Initializer } from '../init.ts'
import { isTraining } from '../mode.ts'
import { drop } from './dropout.ts'

/** Settings of a DropConnect layer. */
export interface DropConnectOptions {
  /** Probability of dropping a weight, default 0.5. */
  readonly p?: number
  /** Initialiser of the weight; the bias then starts at 0. Default: that of Linear. */
  readonly init?: Initializer
}

/** So that a unit without any input does not divide 0 by 0. */
const LEAST_VARIANCE = 1e-12

/** E[max(u, 0)] of a normal u: mean Phi(mean / s) + s phi(mean / s), where s is the square root of the variance. */
function expectedRelu(mean: Tensor, variance: Tensor): Tensor {
  const deviation = sqrt(add(variance, LEAST_VARIANCE))
  const ratio = div(mean, deviation)
  const below = mul(add(erf(mul(ratio, Math.SQRT1_2)), 1), 0.5)
  const density = mul(exp(neg(mul(square(ratio), 0.5))), 1 / Math.sqrt(2 * Math.PI))
  return add(mul(mean, below), mul(deviation, density))
}

/**
 * A fully connected layer of ReLUs whose weights and biases are dropped at random in training, each with probability
 * `p`: relu((M * W) x + m * b) / (1 - p), M and m of zeros and ones. It is inverted as {@link Dropout} is here, and
 * draws one M for a whole batch; the paper draws one for each example.
 *
 * In evaluation the sums u are taken for normal by their first two moments, the paper's inference: their mean is
 * W x + b, their variance p / (1 - p) (W^2 x^2 + b^2). The paper averages relu(u) over draws of them; this is the limit
 * of many draws, E[relu(u)] in closed form.
 * Source: Wan, Zeiler, Zhang, LeCun and Fergus, "Regularization of neural networks using DropConnect", 2013, sections 3
 * and 3.2.
 */
export class DropConnect {
  /** [outFeatures, inFeatures] */
  readonly weight: Tensor
  readonly bias: Tensor
  readonly p: number

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: DropConnectOptions = {},
  ) {
    const { p = 0.5, init } = checkOptions('DropConnect', options, { p: kinds.share, init: initializerKind })
    checkArgument('DropConnect', 'inFeatures', inFeatures, kinds.whole(1))
    checkArgument('DropConnect', 'outFeatures', outFeatures, kinds.whole(1))
    const limit = 1 / Math.sqrt(inFeatures)
    this.p = p
    this.weight = newParameter([outFeatures, inFeatures], init ?? kaimingUniform({ slope: Math.sqrt(5) }))
    this.bias = newParameter([outFeatures], init ? zeros : uniform(-limit, limit))
  }

  /** [..., inFeatures] to [..., outFeatures] */
  forward(x: Tensor): Tensor {
    requireTensors('DropConnect', x)
    if (isTraining()) return relu(linear(x, drop(this.weight, this.p), drop(this.bias, this.p)))
    const mean = linear(x, this.weight, this.bias)
    if (this.p === 0) return relu(mean)
    const spread = linear(square(x), square(this.weight), square(this.bias))
    return expectedRelu(mean, mul(spread, this.p / (1 - this.p)))
  }
}
