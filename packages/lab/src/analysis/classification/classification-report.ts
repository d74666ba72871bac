// Precision, recall and F1 for each class and their averages, defined as scikit-learn's classification_report defines
// them.
import type { ConfusionMatrix } from './confusion-matrix.ts'

/**
 * Quality of one class, or an average over classes. Every score lies in 0 .. 1, or is NaN for a class without items and
 * predictions.
 */
export interface ClassScores {
  /** Of the items predicted as this class, the share that truly are; 0 when nothing was predicted. */
  readonly precision: number
  /** Of the items of this class, the share that was found; 0 when the class has no items. */
  readonly recall: number
  /** Harmonic mean of precision and recall; 0 when both are 0. */
  readonly f1: number
  /** Number of items of this class. */
  readonly support: number
}

export interface ClassificationReport {
  readonly classes: readonly (ClassScores & { readonly name: string })[]
  /** Share of all items predicted correctly. */
  readonly accuracy: number
  /** Number of items predicted wrongly. */
  readonly errors: number
  /** Unweighted mean over the classes that have items or predictions. */
  readonly macro: ClassScores
  /** Over all items at once; with one label an item, all three scores equal the accuracy. */
  readonly micro: ClassScores
  /** Mean over classes weighted by support. */
  readonly weighted: ClassScores
}

const ratio = (numerator: number, denominator: number) => (denominator === 0 ? 0 : numerator / denominator)

/** A score as text; `-` where there is none. */
export const formatScore = (score: number, digits = 4): string => (Number.isNaN(score) ? '-' : score.toFixed(digits))

/**
 * Precision, recall, F1 and support of each class, with macro, micro and weighted averages.
 * A score whose denominator is 0 is 0 (scikit-learn's `zero_division=0`). A class with neither items nor predictions
 * has no scores and is outside the macro average, as where scikit-learn takes the labels from the data.
 */
export function classificationReport(matrix: ConfusionMatrix): ClassificationReport {
  const n = matrix.classes.length
  const at = (truth: number, prediction: number) => matrix.counts[truth * n + prediction] ?? 0
  const indices = Array.from({ length: n }, (_, i) => i)
  const classes = matrix.classes.map((name, c) => {
    const correct = at(c, c)
    const support = indices.reduce((sum, other) => sum + at(c, other), 0)
    const predicted = indices.reduce((sum, other) => sum + at(other, c), 0)
    if (support + predicted === 0) return { name, precision: NaN, recall: NaN, f1: NaN, support }
    return {
      name,
      precision: ratio(correct, predicted),
      recall: ratio(correct, support),
      f1: ratio(2 * correct, support + predicted),
      support,
    }
  })
  const correct = indices.reduce((sum, c) => sum + at(c, c), 0)
  const accuracy = ratio(correct, matrix.total)
  const average = (weight: (scores: ClassScores) => number): ClassScores => {
    const seen = classes.filter(({ f1 }) => !Number.isNaN(f1))
    const total = seen.reduce((sum, scores) => sum + weight(scores), 0)
    const of = (key: 'precision' | 'recall' | 'f1') =>
      ratio(seen.reduce((sum, scores) => sum + weight(scores) * scores[key], 0), total)
    return { precision: of('precision'), recall: of('recall'), f1: of('f1'), support: matrix.total }
  }
  return {
    classes,
    accuracy,
    errors: matrix.total - correct,
    macro: average(() => 1),
    micro: { precision: accuracy, recall: accuracy, f1: accuracy, support: matrix.total },
    weighted: average(scores => scores.support),
  }
}
