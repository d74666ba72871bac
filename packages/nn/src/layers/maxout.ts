// Maxout: units that are each the largest of several sums.
import { formatShape, max, requireTensors, reshape, type Tensor } from '@ddlf/tensor'
import { checkArgument, kinds, UserError } from '@ddlf/tensor/errors'

/**
 * h_i(x) = max over j of z_ij, where the sums z_ij = x W_ij + b_ij come from a layer of `pieces` times as many outputs:
 * [..., pieces * units] to [..., units]. Piece j of unit i is element j * units + i.
 * Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, "Maxout networks", 2013, section 3.
 */
export class Maxout {
  /** @param pieces sums of which a unit is the largest: 5 in the paper's nets on MNIST */
  constructor(readonly pieces: number) {
    checkArgument('Maxout', 'the pieces', pieces, kinds.whole(1), 'Write new Maxout(5).')
  }

  /** @throws UserError where the last axis is no multiple of the pieces */
  forward(x: Tensor): Tensor {
    requireTensors('Maxout', x)
    const sums = x.shape.at(-1) ?? 0
    if (sums === 0 || sums % this.pieces !== 0) {
      throw new UserError({
        rule: `Maxout: the last axis holds ${this.pieces} sums for every unit.`,
        received: formatShape(x.shape),
        next: `Give a layer before it ${this.pieces} times as many outputs as there are units.`,
      })
    }
    return max(reshape(x, [...x.shape.slice(0, -1), this.pieces, sums / this.pieces]), { axes: -2 })
  }
}
