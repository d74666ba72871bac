// Cross-entropy of independent yes-or-no targets.
import {
  add, formatShape, mul, neg, requireTensors, softplus, sub, tensorKind, type Operand, type Tensor,
} from '@ddlf/tensor'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { reduced, reductionKind, type Reduction } from './reduction.ts'

/** Settings of the binary cross-entropy. */
export interface BinaryCrossEntropyOptions {
  /** Weight of the positive targets, default 1; broadcast. */
  readonly positiveWeight?: Operand
  readonly reduction?: Reduction
}

const weightKind = kinds.either(kinds.atLeast(0), tensorKind)

/**
 * -(y log sigmoid(x) + (1 - y) log(1 - sigmoid(x))), computed from the logits without overflow.
 * @param logits float32, any shape
 * @param targets float32 of the same shape, from 0 to 1
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  targets: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const { positiveWeight, reduction = 'mean' } = checkOptions('binaryCrossEntropyWithLogits', options, {
    positiveWeight: weightKind, reduction: reductionKind,
  })
  requireTensors('binaryCrossEntropyWithLogits', logits, targets)
  if (formatShape(logits.shape) !== formatShape(targets.shape)) {
    throw new UserError({
      rule: 'binaryCrossEntropyWithLogits: the logits and the targets must have one shape.',
      received: `${formatShape(logits.shape)} and ${formatShape(targets.shape)}`,
    })
  }
  const losses = positiveWeight === undefined
    // softplus(x) - x y
    ? sub(softplus(logits), mul(logits, targets))
    // (1 - y) x + (1 + (w - 1) y) softplus(-x)
    : add(mul(sub(1, targets), logits), mul(
      add(1, mul(targets, typeof positiveWeight === 'number' ? positiveWeight - 1 : sub(positiveWeight, 1))),
      softplus(neg(logits)),
    ))
  return reduced(losses, reduction)
}
