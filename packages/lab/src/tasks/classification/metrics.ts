// What is measured of a model that tells classes apart.
import type { Metric } from '../../experiment/metric.ts'

/** Share of the examples whose class is not the most likely one. */
export const error: Metric = {
  name: 'error',
  title: 'error',
  unit: '%',
  better: 'lower',
  format: 'percent',
  quiet: true,
}
/** Share of the examples whose class is the most likely one. */
export const accuracy: Metric = {
  name: 'accuracy', title: 'accuracy', unit: '%', better: 'higher', format: 'percent', complement: 'error',
}
/** Mean cross-entropy of the classes. */
export const crossEntropyLoss: Metric = { name: 'loss', title: 'loss', unit: 'nats', better: 'lower', format: 'fixed' }

/** The metrics of classification: lists show the error. */
export const classificationMetrics: readonly Metric[] = [error, crossEntropyLoss, accuracy]
