// A convolutional autoencoder that gives pictures back without their noise. Vincent et al. 2008 with convolutions.
import { BatchNorm2d, Conv2d, ReLU, Sequential, Upsample, type Module } from '@ddlf/nn'
import { add, type Tensor } from '@ddlf/tensor'

const layer = (from: number, to: number, stride = 1) =>
  [new Conv2d(from, to, 3, { padding: 1, stride, bias: false }), new BatchNorm2d(to), new ReLU()] as const

/** Pictures of 28 x 28 through 14 x 14 and 7 x 7 and back; it predicts what is to be added to the noisy picture. */
export class Denoiser {
  readonly encoder: Sequential
  readonly decoder: Sequential

  constructor(width: number) {
    this.encoder = new Sequential(...layer(1, width), ...layer(width, 2 * width, 2), ...layer(2 * width, 2 * width, 2))
    const up = (from: number, to: number): Module[] => [new Upsample([2, 2]), ...layer(from, to)]
    this.decoder = new Sequential(
      ...up(2 * width, 2 * width),
      ...up(2 * width, width),
      new Conv2d(width, 1, 3, { padding: 1 }),
    )
  }

  forward(x: Tensor): Tensor {
    return add(x, this.decoder.forward(this.encoder.forward(x)))
  }
}
