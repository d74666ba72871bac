// The task on a table of numbers and categories: telling classes apart, or predicting a number, as the settings say.
import { add, maximum, mean, mul, square, squeeze, sub, sum, UserError, type Tensor } from '@ddlf/tensor'
import { columnOf, type Dataset } from '@ddlf/data'
import type { Evaluation, Metrics, Task } from '../experiment/experiment.ts'
import { adviceAtMean } from './chance.ts'
import { classification, type ClassificationSettings } from './classification.ts'

/** Settings that the task reads. */
export interface TabularSettings extends ClassificationSettings {
  readonly kind: 'auto' | 'classification' | 'regression'
  /** Mean and standard deviation of the numbers to predict, over the training part: the model itself predicts their standardised form. */
  readonly targetMean: number
  readonly targetScale: number
}

/**
 * Mean squared error, its root, mean absolute error and the coefficient of determination R2 of predictions; R2 is NaN where
 * all numbers are equal. As scikit-learn's `mean_squared_error`, `mean_absolute_error` and `r2_score`.
 */
export function regressionMetrics(predicted: ArrayLike<number>, targets: ArrayLike<number>): { readonly mse: number; readonly rmse: number; readonly mae: number; readonly r2: number } {
  if (predicted.length !== targets.length || targets.length === 0) {
    throw new UserError({ rule: 'There must be one prediction for every number.', received: `${predicted.length} predictions of ${targets.length}` })
  }
  const values = Array.from(targets)
  const centre = values.reduce((a, b) => a + b, 0) / values.length
  const squares = values.reduce((a, value, i) => a + (value - (predicted[i] as number)) ** 2, 0)
  const spread = values.reduce((a, value) => a + (value - centre) ** 2, 0)
  const mse = squares / values.length
  const mae = values.reduce((a, value, i) => a + Math.abs(value - (predicted[i] as number)), 0) / values.length
  return { mse, rmse: Math.sqrt(mse), mae, r2: spread === 0 ? Number.NaN : 1 - squares / spread }
}

const classes = classification({ input: 'features', target: 'target' })

/** The task of the experiment `tabular`: cross-entropy over logits, or the squared error of the standardised number. */
export const tabularTask: Task<TabularSettings> = {
  ...classes,
  name: 'tabular',
  optionalColumns: [],
  classColumn: 'labels',
  loss(model, batch, settings, context) {
    if (settings.kind !== 'regression') return classes.loss(model, batch, settings, context)
    const [features, target] = [batch['features'] as Tensor, batch['target'] as Tensor]
    const { targetMean, targetScale } = settings
    const error = sub(squeeze(model.forward(features), 1), mul(sub(target, targetMean), 1 / targetScale))
    return { loss: mean(square(error)), metrics: { mae: mul(sum(maximum(error, mul(error, -1))), targetScale) } }
  },
  outputs(model, features, settings) {
    if (settings.kind !== 'regression') return classes.outputs(model, features, settings)
    return { prediction: add(mul(squeeze(model.forward(features), 1), settings.targetScale), settings.targetMean) }
  },
  judge(outputs: Evaluation['outputs'], dataset: Dataset, settings): Metrics {
    if (settings.kind !== 'regression') return classes.judge(outputs, dataset, settings)
    const { mse, mae, r2 } = regressionMetrics(outputs['prediction']?.data ?? [], columnOf(dataset, 'target').data)
    // The loss in the unit in which training minimises it.
    return { loss: mse / settings.targetScale ** 2, mse, mae, ...(Number.isFinite(r2) && { r2 }) }
  },
  adviceOn: (metrics, heldOut, train, facts) => (train.columns['labels'] ? classes.adviceOn?.(metrics, heldOut, train, facts) : adviceAtMean(metrics, heldOut, train, 'target', facts)),
  monitor: { metric: 'loss', better: 'lower' },
}
