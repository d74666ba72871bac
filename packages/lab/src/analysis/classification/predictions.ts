// From a table of scores [items, classes] to log-probabilities and predicted classes, checked once at the edge.
import { UserError } from '@ddlf/tensor/errors'
import { checkedClass } from './confusion-matrix.ts'

/** What a table of scores holds: probabilities (rows sum to 1) or logits (any real numbers). */
export type ScoreKind = 'probabilities' | 'logits'

/** A checked table of predicted distributions. */
export interface Predictions {
  readonly items: number
  readonly classes: number
  /** Row-major natural log-probabilities, shape [items, classes]. */
  readonly logProbabilities: Float64Array
  /** Row-major probabilities, shape [items, classes]. */
  readonly probabilities: Float64Array
  /** Class of the highest score of each item (the first one among equals). */
  readonly predicted: Uint32Array
  /** True class of each item. */
  readonly labels: Uint32Array
}

// A probability of exactly 0 would make an infinite loss; scikit-learn's log_loss clips at the same place.
const SMALLEST_PROBABILITY = 2 ** -52
// float32 softmax over many classes sums to 1 within about this.
const ROW_SUM_TOLERANCE = 1e-3

/** Index of the largest value in `values[start .. end)`, relative to `start`; the first one among equals. */
export function argmax(values: ArrayLike<number>, start = 0, end = values.length): number {
  let best = start
  for (let i = start + 1; i < end; i++) if ((values[i] ?? NaN) > (values[best] ?? NaN)) best = i
  return best - start
}

/**
 * Softmax of every row.
 * @param logits row-major, shape [items, classes]
 */
export function softmaxRows(logits: ArrayLike<number>, classes: number): Float64Array {
  return logSoftmaxRows(logits, classes).map(Math.exp)
}

function logSoftmaxRows(logits: ArrayLike<number>, classes: number): Float64Array {
  const logProbabilities = new Float64Array(logits.length)
  for (let start = 0; start < logits.length; start += classes) {
    const peak = logits[start + argmax(logits, start, start + classes)] ?? 0
    let sum = 0
    for (let i = start; i < start + classes; i++) sum += Math.exp((logits[i] ?? 0) - peak)
    // log softmax(x)_i = (x_i - max) - log sum_j exp(x_j - max); in this order nothing cancels
    const logSum = Math.log(sum)
    for (let i = start; i < start + classes; i++) logProbabilities[i] = (logits[i] ?? 0) - peak - logSum
  }
  return logProbabilities
}

/**
 * Checks a table of scores against its labels and turns it into log-probabilities and predicted classes.
 * @param scores row-major, shape [items, classes]; the number of classes is `scores.length / labels.length`
 * @param labels true class indices, shape [items]
 * @throws UserError when the shapes do not fit, a score is not finite, or rows given as probabilities do not sum to 1
 */
export function readPredictions(scores: ArrayLike<number>, labels: ArrayLike<number>, kind: ScoreKind): Predictions {
  const items = labels.length
  const classes = scores.length / items
  if (items === 0 || !Number.isInteger(classes) || classes < 1) {
    throw new UserError({
      rule: 'Scores must form a table with one row an item and one column a class.',
      received: `${scores.length} scores for ${items} labels`,
      next: 'Pass scores of shape [items, classes], flattened row by row, and one label for each row.',
    })
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) {
      throw new UserError({
        rule: 'Scores must be finite numbers.',
        received: `${String(scores[i])} for class ${i % classes} of item ${Math.floor(i / classes)}`,
        next: 'The model diverged or the last batch was not filled: look at its loss curve and lower the ' +
          'learning rate.',
      })
    }
  }
  const checked = Uint32Array.from({ length: items }, (_, item) => checkedClass(labels, item, classes, 'label'))
  const predicted = Uint32Array.from({ length: items }, (_, item) =>
    argmax(scores, item * classes, (item + 1) * classes),
  )
  if (kind === 'logits') {
    const logProbabilities = logSoftmaxRows(scores, classes)
    return {
      items,
      classes,
      logProbabilities,
      probabilities: logProbabilities.map(Math.exp),
      predicted,
      labels: checked,
    }
  }
  const probabilities = Float64Array.from(scores)
  for (let item = 0; item < items; item++) {
    const row = probabilities.subarray(item * classes, (item + 1) * classes)
    const sum = row.reduce((total, p) => total + p, 0)
    if (Math.abs(sum - 1) > ROW_SUM_TOLERANCE || row.some(p => p < 0)) {
      throw new UserError({
        rule: 'Probabilities must not be negative, and must sum to 1 for every item.',
        received: `a row that sums to ${sum.toPrecision(6)} (item ${item}), smallest ` +
          `value ${Math.min(...row).toPrecision(3)}`,
        next: "If these are logits, pass { from: 'logits' }.",
      })
    }
  }
  return {
    items,
    classes,
    logProbabilities: probabilities.map(p => Math.log(Math.max(p, SMALLEST_PROBABILITY))),
    probabilities,
    predicted,
    labels: checked,
  }
}
