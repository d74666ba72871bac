// How the losses of single elements become one number.
import { mean, sum, UserError, type Tensor } from '@ddlf/tensor'

/** 'mean' (the default everywhere), 'sum', or 'none' for one loss an element. */
export type Reduction = 'mean' | 'sum' | 'none'

const REDUCTIONS: readonly string[] = ['mean', 'sum', 'none'] satisfies readonly Reduction[]

/** Reduces a tensor of losses. @throws UserError for another reduction, which only JavaScript can pass */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (!REDUCTIONS.includes(reduction)) {
    throw new UserError({ rule: "A loss is reduced by 'mean', 'sum' or 'none'.", received: reduction })
  }
  switch (reduction) {
    case 'mean': return mean(losses)
    case 'sum': return sum(losses)
    case 'none': return losses
  }
}
