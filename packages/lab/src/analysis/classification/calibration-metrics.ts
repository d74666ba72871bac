// How far a finished run of a classifier believes itself rightly, as metrics of its record.
import { calibration } from './calibration.ts'
import { readRunOutputs, type RunListing } from '../../runs/run-folder.ts'

/**
 * `calibration/error` (expected, 15 bins), `calibration/brier` and `calibration/confidence` (the mean probability of
 * what it says), over the data that judged it; nothing where the run kept no logits.
 */
export function calibrationMetrics(run: RunListing): Record<string, number> {
  const { logits, labels } = readRunOutputs(run) ?? {}
  if (!logits || !labels) return {}
  const { expectedCalibrationError, brierScore, meanConfidence } = calibration(logits.data, labels.data, {
    from: 'logits',
  })
  return {
    'calibration/error': expectedCalibrationError,
    'calibration/brier': brierScore,
    'calibration/confidence': meanConfidence,
  }
}
