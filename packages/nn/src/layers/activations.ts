// Activation functions as modules, for Sequential. The functions themselves are in @ddlf/tensor.
import { add, expm1, gelu, greater, mul, relu, sigmoid, silu, tanh, where, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'

/** x where it is positive and slope * x elsewhere. Source: Maas, Hannun and Ng 2013. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  checkArgument('leakyRelu', 'the slope', slope, kinds.finite)
  return add(mul(x, slope), mul(relu(x), 1 - slope))
}

/** x where it is positive and alpha (e^x - 1) elsewhere. Source: Clevert, Unterthiner and Hochreiter 2016. */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkArgument('elu', 'alpha', alpha, kinds.finite)
  const positive = greater(x, 0)
  // Chosen twice: e^x of a large x is infinite, and its gradient times 0 would be NaN.
  return where(positive, x, mul(expm1(where(positive, 0, x)), alpha))
}

/** max(x, 0) */
export class ReLU {
  forward(x: Tensor): Tensor {
    return relu(x)
  }
}

/** Hyperbolic tangent. */
export class Tanh {
  forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

/** 1 / (1 + e^-x) */
export class Sigmoid {
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

/** Gaussian error linear unit; `approximate: 'tanh'` is GPT-2's form. */
export class GELU {
  constructor(readonly options: { readonly approximate?: 'none' | 'tanh' } = {}) {
    checkOptions('GELU', options, { approximate: kinds.oneOf('none', 'tanh') })
  }

  forward(x: Tensor): Tensor {
    return gelu(x, this.options)
  }
}

/** {@link leakyRelu} with a slope (default 0.01). */
export class LeakyReLU {
  constructor(readonly slope = 0.01) {
    checkArgument('LeakyReLU', 'the slope', slope, kinds.finite)
  }

  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope)
  }
}

/** x sigmoid(x), also called swish. */
export class SiLU {
  forward(x: Tensor): Tensor {
    return silu(x)
  }
}

/** {@link elu} with a factor of the negative part (default 1). */
export class ELU {
  constructor(readonly alpha = 1) {
    checkArgument('ELU', 'alpha', alpha, kinds.finite)
  }

  forward(x: Tensor): Tensor {
    return elu(x, this.alpha)
  }
}
