// The gated perceptron of recent language models.
import { mul, silu, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'
import { Linear } from './linear.ts'

/**
 * w2(silu(w1 x) * w3 x) over the last axis. The names are those of Llama's published weights.
 * Source: Shazeer, "GLU variants improve transformer", 2020, eq. 6.
 */
export class SwiGlu {
  readonly w1: Linear
  readonly w2: Linear
  readonly w3: Linear

  /** @param options `bias` default false */
  constructor(
    readonly embedDim: number,
    readonly hiddenDim: number,
    options: { readonly bias?: boolean } = {},
  ) {
    const { bias = false } = checkOptions('SwiGlu', options, { bias: kinds.flag })
    checkArgument('SwiGlu', 'embedDim', embedDim, kinds.whole(1))
    checkArgument('SwiGlu', 'hiddenDim', hiddenDim, kinds.whole(1))
    this.w1 = new Linear(embedDim, hiddenDim, { bias })
    this.w2 = new Linear(hiddenDim, embedDim, { bias })
    this.w3 = new Linear(embedDim, hiddenDim, { bias })
  }

  forward(x: Tensor): Tensor {
    return this.w2.forward(mul(silu(this.w1.forward(x)), this.w3.forward(x)))
  }
}
