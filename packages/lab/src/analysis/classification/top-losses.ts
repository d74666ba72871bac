// The items a classifier got most wrong, by cross-entropy.
import { checkOptions } from '@ddlf/tensor/errors'
import { readPredictions, type ScoreKind } from './predictions.ts'

export interface TopLoss {
  /** Position of the item in the table of scores. */
  readonly index: number
  readonly label: number
  readonly prediction: number
  /** Probability given to the predicted class. */
  readonly probability: number
  /** Probability given to the true class. */
  readonly labelProbability: number
  /** Cross-entropy of the item, in nats. */
  readonly loss: number
}

/**
 * The `k` items of the highest cross-entropy, highest first; ties in item order.
 * @param scores row-major, shape [items, classes]
 * @param labels true class indices, shape [items]
 * @param k how many items, default 25
 * @param options.from whether `scores` are 'probabilities' (default) or 'logits'; logits lose no accuracy at large
 *   losses
 * @throws UserError when shapes, labels or probabilities are not valid
 */
export function topLosses(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  k = 25,
  options: { from?: ScoreKind } = {},
): TopLoss[] {
  checkOptions('topLosses', options, ['from'])
  const {
    items,
    classes,
    logProbabilities,
    probabilities,
    predicted,
    labels: truths,
  } = readPredictions(scores, labels, options.from ?? 'probabilities')
  const losses = Float64Array.from(
    { length: items },
    (_, item) => -(logProbabilities[item * classes + (truths[item] ?? 0)] ?? 0),
  )
  return Array.from(losses.keys())
    .sort((a, b) => (losses[b] ?? 0) - (losses[a] ?? 0) || a - b)
    .slice(0, k)
    .map(index => {
      const label = truths[index] ?? 0
      const prediction = predicted[index] ?? 0
      return {
        index,
        label,
        prediction,
        probability: probabilities[index * classes + prediction] ?? 0,
        labelProbability: probabilities[index * classes + label] ?? 0,
        loss: losses[index] ?? 0,
      }
    })
}
