// Enlarging images.
import { checkOptions, upsampleBilinear2d, upsampleNearest2d, type Pair, type Tensor } from '@ddlf/tensor'

/** Enlarges images by repeating pixels ('nearest', default) or by bilinear interpolation. */
export class Upsample {
  constructor(readonly scaleFactor: Pair, readonly options: { readonly mode?: 'nearest' | 'bilinear'; readonly alignCorners?: boolean } = {}) {
    checkOptions('Upsample', options, ['mode', 'alignCorners'])
  }

  forward(x: Tensor): Tensor {
    const { mode = 'nearest', alignCorners = false } = this.options
    return mode === 'nearest' ? upsampleNearest2d(x, this.scaleFactor) : upsampleBilinear2d(x, this.scaleFactor, { alignCorners })
  }
}
