// fastText: the mean of the vectors of a text's words and runs of words, and one linear layer on it.
// Source: Joulin, Grave, Bojanowski and Mikolov, "Bag of tricks for efficient text classification", 2016, figure 1.
import { EmbeddingBag, init, Linear, type Module } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'

/** Tokens from 1 on; 0 fills up and counts in no mean. */
export class FastText implements Module {
  readonly bag: EmbeddingBag
  readonly logits: Linear

  /** @param tokens the largest token @param dimensions of a word's vector */
  constructor(tokens: number, dimensions: number, classes: number) {
    this.bag = new EmbeddingBag(tokens + 1, dimensions, {
      paddingIndex: 0,
      init: init.uniform(-1 / dimensions, 1 / dimensions),
    })
    this.logits = new Linear(dimensions, classes)
  }

  // #region forward
  /** @param tokens int32 [N, T] @returns logits [N, classes] */
  forward(tokens: Tensor): Tensor {
    const mean = this.bag.forward(tokens)
    return this.logits.forward(mean)
  }
  // #endregion
}
