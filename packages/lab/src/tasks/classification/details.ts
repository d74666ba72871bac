// What is recorded of a classifier beside its figures: what it takes for what, its worst mistakes, how well it knows
// itself.
import { UserError } from '@ddlf/tensor/errors'
import { columnOf, type Dataset } from '@ddlf/data'
import { answersOf } from '../../analysis/classification/answers.ts'
import { calibration } from '../../analysis/classification/calibration.ts'
import { softmaxRows } from '../../analysis/classification/predictions.ts'
import { topLosses } from '../../analysis/classification/top-losses.ts'
import type { KeptOutputs, RecordedDetails } from '../task.ts'

/** Mistakes that are recorded at most. */
const MISTAKES = 24

/** Five significant digits say more than the spread over seeds does. */
const rounded = (value: number) => Number(value.toPrecision(5))

/** @throws UserError where no logits were kept */
export function classificationDetails({ logits }: KeptOutputs, dataset: Dataset, target: string): RecordedDetails {
  if (!logits) throw new UserError({ rule: 'A run of a classifier keeps its logits.', received: 'none' })
  const labels = columnOf(dataset, target).data
  const { rows } = answersOf(logits.data, labels, dataset.classes ?? [])
  const shares = softmaxRows(logits.data, rows.length)
  const { expectedCalibrationError, brierScore } = calibration(shares, labels)
  return {
    confusion: rows,
    mistakes: topLosses(shares, labels, MISTAKES)
      .filter(({ label, prediction }) => label !== prediction)
      .map(({ index, label, prediction, probability }) => ({
        index,
        truth: label,
        prediction,
        probability: rounded(probability),
      })),
    calibration: { expectedCalibrationError: rounded(expectedCalibrationError), brier: rounded(brierScore) },
  }
}
