// LeNet-5 as in the paper of 1998; `modern-lenet5.ts` is the form that everybody builds today.
import { neg, padImages, square, sub, sum, unsqueeze, type Tensor } from '@ddlf/tensor'
import { Conv2d, Flatten, Linear, type Module } from '@ddlf/nn'
import { digitBitmaps } from './digit-bitmaps.ts'
import { firstWeights, PartialConvolution, squash, Subsampling } from './lenet5-parts.ts'

/**
 * LeNet-5 as published: scaled tanh, trained subsampling, the partial connections of C3, and an output layer of fixed
 * radial basis functions whose centres are 7x12 bitmaps of the digits. 60,000 trained parameters.
 * The logits are the negative squared distances: their cross-entropy is the paper's criterion, equation 9, without its
 * constant for rubbish classes.
 * Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, section
 * II.B.
 */
export class LeNet5 implements Module {
  // #region model
  readonly c1 = new Conv2d(1, 6, 5, { init: firstWeights }) //    6 maps of 28x28
  readonly s2 = new Subsampling(6) //                             6 maps of 14x14
  readonly c3 = new PartialConvolution() //                      16 maps of 10x10
  readonly s4 = new Subsampling(16) //                           16 maps of 5x5
  readonly c5 = new Conv2d(16, 120, 5, { init: firstWeights }) // 120 numbers
  readonly f6 = new Linear(120, 84, { init: firstWeights }) //    84 numbers: a picture of 7x12
  readonly #centres = digitBitmaps() //                           [10, 84]: how the digits look

  forward(images: Tensor): Tensor {
    const padded = images.shape[2] === 28 ? padImages(images, 2, 'replicate') : images
    const s2 = this.s2.forward(squash(this.c1.forward(padded)))
    const s4 = this.s4.forward(squash(this.c3.forward(s2)))
    const c5 = squash(this.c5.forward(s4))
    const f6 = squash(this.f6.forward(this.#flatten.forward(c5)))
    return neg(sum(square(sub(unsqueeze(f6, 1), this.#centres)), { axes: 2 }))
  }
  // #endregion
  readonly #flatten = new Flatten()
}
