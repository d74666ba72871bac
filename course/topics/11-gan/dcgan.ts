// A generator and a discriminator of convolutions for pictures of 28 x 28. Radford, Metz and Chintala 2016.
import {
  BatchNorm2d, Conv2d, ConvTranspose2d, Flatten, init, LeakyReLU, Linear, ReLU, Sequential, Tanh,
} from '@ddlf/nn'
import { reshape, type Tensor } from '@ddlf/tensor'

/** All weights start so; section 4 of the paper. */
const small = init.normal(0, 0.02)
/** Halves pictures, or doubles them. */
const how = { stride: 2, padding: 1, bias: false, init: small } as const

/** From noise [N, latent] over 7 x 7 and 14 x 14 to pictures [N, 1, 28, 28], their values from -1 to 1. */
class Generator {
  readonly project: Linear
  readonly enlarge: Sequential

  constructor(latent: number, readonly width: number) {
    this.project = new Linear(latent, 7 * 7 * 2 * width, { bias: false, init: small })
    this.enlarge = new Sequential(
      new BatchNorm2d(2 * width), new ReLU(),
      new ConvTranspose2d(2 * width, width, 4, how), new BatchNorm2d(width), new ReLU(),
      new ConvTranspose2d(width, 1, 4, { ...how, bias: true }), new Tanh(),
    )
  }

  forward(noise: Tensor): Tensor {
    return this.enlarge.forward(reshape(this.project.forward(noise), [noise.shape[0] as number, 2 * this.width, 7, 7]))
  }
}

/** The two networks of the paper, two layers shorter: its pictures have 64 x 64 pixels. */
export class Dcgan {
  readonly generator: Generator
  readonly discriminator: Sequential

  constructor({ latent, width }: { readonly latent: number; readonly width: number }) {
    this.generator = new Generator(latent, width)
    this.discriminator = new Sequential(
      new Conv2d(1, width, 4, { ...how, bias: true }), new LeakyReLU(0.2),
      new Conv2d(width, 2 * width, 4, how), new BatchNorm2d(2 * width), new LeakyReLU(0.2),
      new Flatten(), new Linear(7 * 7 * 2 * width, 1, { init: small }),
    )
  }

  forward(noise: Tensor): Tensor {
    return this.generator.forward(noise)
  }
}
