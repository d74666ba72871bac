// How the losses of single elements become one number.
import { mean, sum, type Tensor } from '@ddlf/tensor'
import { kinds } from '@ddlf/tensor/errors'

/** 'mean' (the default everywhere), 'sum', or 'none' for one loss an element. */
export type Reduction = 'mean' | 'sum' | 'none'

/** What the option of that name may be. */
export const reductionKind = kinds.oneOf(...(['mean', 'sum', 'none'] satisfies readonly Reduction[]))

/** Reduces a tensor of losses. */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  switch (reduction) {
    case 'mean': return mean(losses)
    case 'sum': return sum(losses)
    case 'none': return losses
  }
}
