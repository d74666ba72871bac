// Counts of (true class, predicted class): the table from which precision, recall and the confused pairs are read.
import { UserError } from '@ddlf/tensor/errors'

/** A square table of counts; row = true class, column = predicted class. */
export interface ConfusionMatrix {
  /** Names of the classes in index order. */
  readonly classes: readonly string[]
  /** Row-major counts, shape [classes, classes]: `counts[truth * classes.length + prediction]`. */
  readonly counts: Uint32Array
  /** Number of items counted. */
  readonly total: number
}

/**
 * Counts how often each true class was predicted as each class.
 * @param labels true class indices, shape [items]
 * @param predictions predicted class indices, shape [items]
 * @param classes the class names, or their number (then the names are '0', '1', ...)
 * @throws UserError when the lengths differ or an index lies outside the classes
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number | readonly string[],
): ConfusionMatrix {
  const names = typeof classes === 'number' ? Array.from({ length: classes }, (_, i) => String(i)) : [...classes]
  if (labels.length !== predictions.length) {
    throw new UserError({
      rule: 'A confusion matrix needs one prediction for every label.',
      received: `${labels.length} labels, ${predictions.length} predictions`,
      next: 'Pass predictions made on the same items, in the same order.',
    })
  }
  const counts = new Uint32Array(names.length * names.length)
  for (let item = 0; item < labels.length; item++) {
    const truth = checkedClass(labels, item, names.length, 'label')
    const prediction = checkedClass(predictions, item, names.length, 'prediction')
    const cell = truth * names.length + prediction
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  return { classes: names, counts, total: labels.length }
}

/** The class index at `item`, refused unless it is an integer in 0 .. `classes` - 1. */
export function checkedClass(values: ArrayLike<number>, item: number, classes: number, what: string): number {
  const value = values[item]
  if (value === undefined || !Number.isInteger(value) || value < 0 || value >= classes) {
    throw new UserError({
      rule: `A ${what} must be an integer class index from 0 to ${classes - 1}.`,
      received: `${String(value)} at item ${item}`,
      next: 'Check the number of classes and that class names were mapped to indices.',
    })
  }
  return value
}
