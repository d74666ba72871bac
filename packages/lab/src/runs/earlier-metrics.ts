// What the metrics of runs mean that were made before runs said so themselves.
import type { Metric } from '../experiment/metric.ts'
import type { RunRecord } from './run-record.ts'

/** All that such a run can have measured. */
const earlier: readonly Metric[] = [
  { name: 'error', title: 'error', unit: '%', better: 'lower', format: 'percent', quiet: true },
  { name: 'loss', title: 'loss', unit: 'nats', better: 'lower', format: 'fixed' },
  {
    name: 'accuracy', title: 'accuracy', unit: '%', better: 'higher', format: 'percent', complement: 'error',
  },
  { name: 'mse', title: 'mean squared error', unit: '', better: 'lower', format: 'fixed' },
  { name: 'mae', title: 'mean absolute error', unit: '', better: 'lower', format: 'fixed' },
  { name: 'r2', title: 'R2', unit: '', better: 'higher', format: 'fixed' },
]

/** What the metrics of a run mean; the first is the one that lists show and comparisons judge by. */
export const metricsOfRun = ({ metrics }: RunRecord): readonly Metric[] => metrics ?? earlier
