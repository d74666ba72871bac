// What a classifier answered: from its scores to answers, and how often each class was taken for each.
import { UserError } from '@ddlf/tensor/errors'
import { confusionMatrix, type ConfusionMatrix } from './confusion-matrix.ts'
import { argmax } from './predictions.ts'

/** The answers of a classifier over some examples. */
export interface Answers {
  /** The class of the highest score of each example. */
  readonly predicted: Int32Array
  readonly confusion: ConfusionMatrix
  /** The matrix as rows of counts: rows are truths. */
  readonly rows: readonly (readonly number[])[]
  /** How many are wrong. */
  readonly errors: number
}

/**
 * The answers that scores stand for. This is the one place where they are counted.
 * @param scores logits or probabilities, row by row, shape [examples, classes]
 * @param labels the right classes
 * @param names of the classes; their numbers where they are not as many as the scores have
 * @throws UserError where the scores are not those of these examples, or a label is no class
 */
export function answersOf(scores: ArrayLike<number>, labels: ArrayLike<number>, names: readonly string[]): Answers {
  const classes = scores.length / labels.length
  if (!Number.isInteger(classes) || classes < 1) {
    throw new UserError({
      rule: 'There must be a score for every class of every example.',
      received: `${scores.length} scores of ${labels.length} examples`,
    })
  }
  const predicted = Int32Array.from({ length: labels.length }, (_, i) => argmax(scores, i * classes, (i + 1) * classes))
  const confusion = confusionMatrix(labels, predicted, names.length === classes ? names : classes)
  const rows = confusion.classes.map((_, truth) => [
    ...confusion.counts.subarray(truth * classes, (truth + 1) * classes),
  ])
  const right = rows.reduce((sum, row, k) => sum + (row[k] ?? 0), 0)
  return { predicted, confusion, rows, errors: labels.length - right }
}
