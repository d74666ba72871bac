// A table of logits, one row for each token: what counting pairs finds, found by gradient descent.
import { Embedding } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'

export class BigramNet {
  readonly blockSize = 1
  readonly table: Embedding

  constructor(vocabulary: number) {
    this.table = new Embedding(vocabulary, vocabulary)
  }

  // #region forward
  /** @param x int32 [N, 1] @returns logits of the next token [N, 1, vocabulary] */
  forward(x: Tensor): Tensor {
    return this.table.forward(x)
  }
  // #endregion
}
