// Enlarging images.
import { pairKind, upsampleBilinear2d, upsampleNearest2d, type Pair, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'

/** Enlarges images by repeating pixels ('nearest', default) or by bilinear interpolation. */
export class Upsample {
  constructor(
    readonly scaleFactor: Pair,
    readonly options: { readonly mode?: 'nearest' | 'bilinear'; readonly alignCorners?: boolean } = {},
  ) {
    const { mode = 'nearest' } = checkOptions(
      'Upsample', options, { mode: kinds.oneOf('nearest', 'bilinear'), alignCorners: kinds.flag },
    )
    checkArgument('Upsample', 'scaleFactor', scaleFactor, mode === 'nearest' ? pairKind : kinds.pairOf(kinds.above(0)))
  }

  forward(x: Tensor): Tensor {
    const { mode = 'nearest', alignCorners = false } = this.options
    return mode === 'nearest' ? upsampleNearest2d(
      x, this.scaleFactor,
    ) : upsampleBilinear2d(x, this.scaleFactor, { alignCorners })
  }
}
