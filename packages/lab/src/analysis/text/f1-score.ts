// F1 of labels that may be any names, several classes left out: for tagging and for classes of texts.
import { checkOptions, UserError } from '@ddlf/tensor/errors'

/** Settings of an F1 score. */
export interface F1Options<L> {
  /**
   * Over all items at once ('micro'), the mean of the classes ('macro', default), that weighted by how often each
   * occurs ('weighted'), or of the one class `positive` ('binary').
   */
  readonly average?: 'micro' | 'macro' | 'weighted' | 'binary'
  /** The classes that count; default all that occur. A tagger's class for "nothing" is left out here. */
  readonly labels?: readonly L[]
  /** The class of 'binary'. */
  readonly positive?: L
}

export interface F1Score {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

const scoresOf = (hits: number, predicted: number, actual: number): F1Score => ({
  precision: ratio(hits, predicted),
  recall: ratio(hits, actual),
  f1: ratio(2 * hits, predicted + actual),
})

/**
 * Precision, recall and their harmonic mean, as scikit-learn's `precision_recall_fscore_support` with
 * `zero_division=0`.
 * @throws UserError where predictions and labels differ in number, or a setting is unknown
 */
export function f1Score<L extends string | number>(
  predictions: readonly L[],
  truths: readonly L[],
  options: F1Options<L> = {},
): F1Score {
  const { average = 'macro', labels, positive } = checkOptions('f1Score', options, ['average', 'labels', 'positive'])
  if (predictions.length !== truths.length) {
    throw new UserError({
      rule: 'f1Score: there must be one prediction for each label.',
      received: `${predictions.length} and ${truths.length}`,
    })
  }
  if (!['micro', 'macro', 'weighted', 'binary'].includes(average)) {
    throw new UserError({ rule: "f1Score: average is 'micro', 'macro', 'weighted' or 'binary'.", received: average })
  }
  if ((average === 'binary') !== (positive !== undefined)) {
    throw new UserError({
      rule: "f1Score: 'binary' needs the class that is positive, and only it does.",
      received: String(positive),
    })
  }
  const classes = positive !== undefined ? [positive] : [...new Set(labels ?? [...truths, ...predictions])]
  const counts = classes.map(name => ({
    hits: truths.filter((truth, i) => truth === name && predictions[i] === name).length,
    predicted: predictions.filter(prediction => prediction === name).length,
    actual: truths.filter(truth => truth === name).length,
  }))
  const total = (key: 'hits' | 'predicted' | 'actual') => counts.reduce((sum, entry) => sum + entry[key], 0)
  if (average === 'micro' || average === 'binary') return scoresOf(total('hits'), total('predicted'), total('actual'))
  const weights = counts.map(({ actual }) => (average === 'macro' ? 1 : actual))
  const scores = counts.map(({ hits, predicted, actual }) => scoresOf(hits, predicted, actual))
  const whole = weights.reduce((a, b) => a + b, 0)
  const mean = (key: keyof F1Score) =>
    ratio(
      scores.reduce((sum, score, i) => sum + (weights[i] as number) * score[key], 0),
      whole,
    )
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') }
}
