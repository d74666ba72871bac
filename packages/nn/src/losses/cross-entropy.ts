// Cross-entropy of classes, and how many were predicted right.
import {
  add, argmax, cast, div, equal, formatShape, formatType, logicalNot, logSoftmax, mean, mul, neg, oneHot, sub, sum, tensor, UserError, type Tensor,
} from '@ddlf/tensor'
import { reduced, type Reduction } from './reduction.ts'

/** Settings of the cross-entropy. */
export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes, default 0. Source: Szegedy et al. 2016, section 7. */
  readonly labelSmoothing?: number
  /** One weight a class; with integer labels the mean is divided by the weights of the labels, as in PyTorch. */
  readonly weight?: readonly number[] | Tensor
  /** Integer labels with this value count neither in the loss nor in the mean. */
  readonly ignoreIndex?: number
  readonly reduction?: Reduction
}

/**
 * The cross-entropy between softmax(logits) and the targets, in nats. Classes are on the last axis.
 * @param logits float32 [..., C]
 * @param targets int32 labels [...], or the probability of each class, float32 [..., C]
 * @returns a scalar, or [...] with `reduction: 'none'`
 * @throws UserError when the shapes do not fit or a setting is out of range
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  { labelSmoothing = 0, weight, ignoreIndex, reduction = 'mean' }: CrossEntropyOptions = {},
): Tensor {
  const classes = logits.shape.at(-1) ?? 0
  const probabilities = targets.dtype === 'float32'
  const expected = probabilities ? logits.shape : logits.shape.slice(0, -1)
  if (logits.rank < 1 || (!probabilities && targets.dtype !== 'int32') || formatShape(targets.shape) !== formatShape(expected)) {
    throw new UserError({
      rule: `crossEntropy: logits of shape ${formatShape(logits.shape)} need int32 labels of shape ${formatShape(logits.shape.slice(0, -1))}, or float32 probabilities of shape ${formatShape(logits.shape)}.`,
      received: formatType(targets),
    })
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new UserError({ rule: 'crossEntropy: labelSmoothing must be from 0 to 1.', received: String(labelSmoothing) })
  }
  const weights = weight === undefined || 'dtype' in weight ? weight : tensor([...weight])
  if (weights && formatShape(weights.shape) !== formatShape([classes])) {
    throw new UserError({ rule: `crossEntropy: there must be one weight for each of the ${classes} classes.`, received: formatShape(weights.shape) })
  }
  const sharp = probabilities ? targets : oneHot(targets, classes)
  const target = labelSmoothing === 0 ? sharp : add(mul(sharp, 1 - labelSmoothing), labelSmoothing / classes)
  const logProbabilities = logSoftmax(logits)
  const weighted = weights ? mul(logProbabilities, weights) : logProbabilities
  let losses = neg(sum(mul(weighted, target), { axes: -1 }))
  // What the mean is divided by, when it is not the number of losses.
  let total: Tensor | undefined
  if (!probabilities && weights) total = sum(mul(sharp, weights), { axes: -1 })
  if (!probabilities && ignoreIndex !== undefined) {
    const counts = cast(logicalNot(equal(targets, ignoreIndex)), 'float32')
    losses = mul(losses, counts)
    total = total ? mul(total, counts) : counts
  }
  return total && reduction === 'mean' ? div(sum(losses), sum(total)) : reduced(losses, reduction)
}

/** How many rows of the logits have their largest value at the label: a float32 scalar, from 0 to the number of labels. */
export const correctCount = (logits: Tensor, labels: Tensor): Tensor => sum(cast(equal(argmax(logits), labels), 'float32'))

/** The share of labels that are predicted right, from 0 to 1. */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => mean(cast(equal(argmax(logits), labels), 'float32'))

/** The number of wrongly predicted labels divided by their number, from 0 to 1. */
export const errorRate = (logits: Tensor, labels: Tensor): Tensor => sub(1, accuracy(logits, labels))
