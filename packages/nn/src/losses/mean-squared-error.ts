// Squared error.
import { formatShape, requireTensors, square, sub, type Tensor } from '@ddlf/tensor'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { reduced, reductionKind, type Reduction } from './reduction.ts'

/**
 * (prediction - target)^2, averaged over all elements by default.
 * @throws UserError when the shapes differ: broadcasting here hides mistakes
 */
export function meanSquaredError(
  prediction: Tensor, target: Tensor, options: { readonly reduction?: Reduction } = {},
): Tensor {
  const { reduction = 'mean' } = checkOptions('meanSquaredError', options, { reduction: reductionKind })
  requireTensors('meanSquaredError', prediction, target)
  if (formatShape(prediction.shape) !== formatShape(target.shape)) {
    throw new UserError({
      rule: 'meanSquaredError: the prediction and the target must have one shape.',
      received: `${formatShape(prediction.shape)} and ${formatShape(target.shape)}`,
      next: 'Reshape one of them.',
    })
  }
  return reduced(square(sub(prediction, target)), reduction)
}
