// Whether a classifier's confidence can be believed: reliability bins, calibration errors, Brier score and log loss.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { readPredictions, type ScoreKind } from './predictions.ts'

/** Items whose confidence lies in (low, high]. */
export interface ReliabilityBin {
  readonly low: number
  readonly high: number
  readonly count: number
  /** Mean probability of the predicted class; NaN when the bin is empty. */
  readonly confidence: number
  /** Share predicted correctly; NaN when the bin is empty. */
  readonly accuracy: number
}

export interface Calibration {
  readonly bins: readonly ReliabilityBin[]
  /** ECE: mean over items of |accuracy - confidence| of their bin. */
  readonly expectedCalibrationError: number
  /** MCE: the largest |accuracy - confidence| of a bin that is not empty. */
  readonly maximumCalibrationError: number
  /**
   * Mean over items of the squared distance between the predicted distribution and the one-hot label, 0 .. 2.
   * With two classes it is twice the score of the positive class alone (scikit-learn's `brier_score_loss`).
   */
  readonly brierScore: number
  /** Mean cross-entropy, in nats. */
  readonly logLoss: number
  readonly accuracy: number
  /** Mean probability of the predicted class. */
  readonly meanConfidence: number
}

/**
 * Reliability of the predicted class's probability, in bins of equal width.
 * Sources: Guo et al., "On calibration of modern neural networks", ICML 2017, equations 3 and 5 (15 bins);
 * Brier, "Verification of forecasts expressed in terms of probability", 1950.
 * @param scores row-major, shape [items, classes]
 * @param labels true class indices, shape [items]
 * @param options.from whether `scores` are 'probabilities' (default) or 'logits'
 * @param options.bins number of bins over 0 .. 1, default 15
 * @throws UserError when shapes, labels or probabilities are not valid
 */
export function calibration(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { from?: ScoreKind; bins?: number } = {},
): Calibration {
  checkOptions('calibration', options, ['from', 'bins'])
  const { from = 'probabilities', bins: binCount = 15 } = options
  if (!Number.isInteger(binCount) || binCount < 1) {
    throw new UserError({
      rule: 'The number of bins must be a positive integer.',
      received: String(binCount),
      next: 'Use 15, as the literature does.',
    })
  }
  const {
    items,
    classes,
    probabilities,
    logProbabilities,
    predicted,
    labels: truths,
  } = readPredictions(scores, labels, from)
  const counts = new Float64Array(binCount)
  const confidences = new Float64Array(binCount)
  const hits = new Float64Array(binCount)
  let brier = 0
  let loss = 0
  for (let item = 0; item < items; item++) {
    const prediction = predicted[item] ?? 0
    const truth = truths[item] ?? 0
    const confidence = probabilities[item * classes + prediction] ?? 0
    const bin = binOf(confidence, binCount)
    counts[bin] = (counts[bin] ?? 0) + 1
    confidences[bin] = (confidences[bin] ?? 0) + confidence
    if (prediction === truth) hits[bin] = (hits[bin] ?? 0) + 1
    loss -= logProbabilities[item * classes + truth] ?? 0
    for (let c = 0; c < classes; c++) brier += ((probabilities[item * classes + c] ?? 0) - (c === truth ? 1 : 0)) ** 2
  }
  const bins = Array.from(counts, (count, b) => ({
    low: b / binCount,
    high: (b + 1) / binCount,
    count,
    confidence: (confidences[b] ?? 0) / count,
    accuracy: (hits[b] ?? 0) / count,
  }))
  const filled = bins.filter(bin => bin.count > 0)
  const gap = (bin: ReliabilityBin) => Math.abs(bin.accuracy - bin.confidence)
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)
  return {
    bins,
    expectedCalibrationError: filled.reduce((total, bin) => total + (bin.count / items) * gap(bin), 0),
    maximumCalibrationError: filled.reduce((largest, bin) => Math.max(largest, gap(bin)), 0),
    brierScore: brier / items,
    logLoss: loss / items,
    accuracy: sum(hits) / items,
    meanConfidence: sum(confidences) / items,
  }
}

/** Bin of a value in (low, high]; 0 itself belongs to the first bin. */
function binOf(value: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(value * bins) - 1))
  // The product may round across an edge that the value itself does not cross.
  if (bin > 0 && value <= bin / bins) bin--
  else if (bin < bins - 1 && value > (bin + 1) / bins) bin++
  return bin
}
