// Cross-entropy of classes, and how many were predicted right.
import {
  add, argmax, cast, div, equal, formatShape, formatType, gather, greaterEqual, labelCrossEntropy, less, logicalAnd,
  logicalNot, logSoftmax, mean, mul, neg, requireTensors, sub, sum, tensor, Tensor, tensorKind, where,
} from '@ddlf/tensor'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { reduced, reductionKind, type Reduction } from './reduction.ts'

/** Settings of the cross-entropy. */
export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes, default 0. Source: Szegedy et al. 2016, section 7. */
  readonly labelSmoothing?: number
  /** One weight a class; with integer labels the mean is divided by the weights of the labels, as in PyTorch. */
  readonly weight?: readonly number[] | Tensor
  /**
   * Integer labels with this value count neither in the loss nor in the mean, and their rows pass no gradient on;
   * default
   * -100, as in PyTorch. `null`: every label must be a class, which spares the counting.
   */
  readonly ignoreIndex?: number | null
  readonly reduction?: Reduction
}

const KINDS = {
  labelSmoothing: kinds.between(0, 1),
  weight: kinds.either(tensorKind, kinds.listOf(kinds.atLeast(0), 'numbers of at least 0')),
  ignoreIndex: kinds.nullable(kinds.whole()), reduction: reductionKind,
}

/**
 * The cross-entropy between softmax(logits) and the targets, in nats. Classes are on the last axis.
 * @param logits float32 [..., C]
 * @param targets int32 labels [...], or the probability of each class, float32 [..., C]
 * @returns a scalar, or [...] with `reduction: 'none'`
 * @throws UserError when the shapes do not fit, a setting is out of range, or a label is neither a class nor
 * `ignoreIndex`: it names the label and its row, at once for fixed labels and otherwise when the graph runs. Labels
 * that the graph computes from its parameters give a loss of NaN on compiled runtimes.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const { labelSmoothing = 0, weight, ignoreIndex = -100, reduction = 'mean' } = checkOptions(
    'crossEntropy', options, KINDS,
  )
  requireTensors('crossEntropy', logits, targets)
  const classes = logits.shape.at(-1) ?? 0
  const probabilities = targets.dtype === 'float32'
  const expected = probabilities ? logits.shape : logits.shape.slice(0, -1)
  if (logits.rank < 1 || (!probabilities && targets.dtype !== 'int32') ||
    formatShape(targets.shape) !== formatShape(expected)) {
    throw new UserError({
      rule: `crossEntropy: logits of shape ${formatShape(logits.shape)} need int32 labels of shape ` +
        `${formatShape(logits.shape.slice(0, -1))}, or float32 probabilities of shape ${formatShape(logits.shape)}.`,
      received: formatType(targets),
    })
  }
  const weights = weight === undefined || weight instanceof Tensor ? weight : tensor([...weight])
  if (weights && formatShape(weights.shape) !== formatShape([classes])) {
    throw new UserError({
      rule: `crossEntropy: there must be one weight for each of the ${classes} classes.`,
      received: formatShape(weights.shape),
    })
  }
  return probabilities
    ? reduced(softLosses(logSoftmax(logits), targets, classes, labelSmoothing, weights), reduction)
    : hardLoss(logits, targets, classes, { labelSmoothing, weights, ignoreIndex, reduction })
}

/**
 * The losses of rows whose targets are distributions; a class of probability 0 adds 0 also where its logit is
 * -Infinity.
 */
function softLosses(
  logProbabilities: Tensor, targets: Tensor, classes: number, labelSmoothing: number, weights: Tensor | undefined,
): Tensor {
  const target = labelSmoothing === 0 ? targets : add(mul(targets, 1 - labelSmoothing), labelSmoothing / classes)
  const counted = labelSmoothing === 0 ? where(equal(target, 0), 0, logProbabilities) : logProbabilities
  return neg(sum(mul(weights ? mul(counted, weights) : counted, target), { axes: -1 }))
}

interface HardLossOptions {
  readonly labelSmoothing: number
  readonly weights: Tensor | undefined
  readonly ignoreIndex: number | null
  readonly reduction: Reduction
}

/** The loss of rows with labels; with `mean`, divided by the weights of the labels that count. */
function hardLoss(logits: Tensor, labels: Tensor, classes: number, options: HardLossOptions): Tensor {
  const { labelSmoothing, weights, ignoreIndex, reduction } = options
  const losses = labelCrossEntropy(logits, labels, { labelSmoothing, weight: weights, ignoreIndex })
  if (reduction !== 'mean' || (ignoreIndex === null && !weights)) return reduced(losses, reduction)
  const kept = ignoreIndex === null ? undefined : logicalNot(equal(labels, ignoreIndex))
  if (!weights) return div(sum(losses), sum(cast(kept as Tensor, 'float32')))
  // Labels that the graph computes may be no classes: their loss is NaN already.
  const inside = logicalAnd(greaterEqual(labels, 0), less(labels, classes))
  const own = gather(weights, where(inside, labels, 0))
  return div(sum(losses), sum(kept ? where(kept, own, 0) : own))
}

/**
 * How many rows of the logits have their largest value at the label: a float32 scalar, from 0 to the number of labels.
 */
export const correctCount = (logits: Tensor, labels: Tensor): Tensor =>
  sum(cast(equal(argmax(logits), labels), 'float32'))

/** The share of labels that are predicted right, from 0 to 1. */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => mean(cast(equal(argmax(logits), labels), 'float32'))

/** The number of wrongly predicted labels divided by their number, from 0 to 1. */
export const errorRate = (logits: Tensor, labels: Tensor): Tensor => sub(1, accuracy(logits, labels))
