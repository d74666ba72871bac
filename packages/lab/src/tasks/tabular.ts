// The task on a table of numbers and categories: telling classes apart, or predicting a number, as the settings say.
import { add, maximum, mean, mul, square, squeeze, sub, sum, UserError, type Tensor } from '@ddlf/tensor'
import { columnOf } from '@ddlf/data'
import type { Module } from '@ddlf/nn'
import type { Metric } from '../experiment/metric.ts'
import { adviceAtMean } from './chance.ts'
import { classification, type ClassificationSettings } from './classification/classification.ts'
import { classAnswers } from './classification/class-answers.ts'
import { accuracy, crossEntropyLoss, error } from './classification/metrics.ts'
import { numberAnswers } from './number-answers.ts'
import { total, type BatchTensors, type Metrics, type Phase, type Task } from './task.ts'

/** Settings that the task reads. */
export interface TabularSettings extends ClassificationSettings {
  readonly kind: 'auto' | 'classification' | 'regression'
  /**
   * Mean and standard deviation of the numbers to predict, over the training part: the model itself predicts their
   * standardised form.
   */
  readonly targetMean: number
  readonly targetScale: number
}

/**
 * Mean squared error, its root, mean absolute error and the coefficient of determination R2 of predictions; R2 is NaN
 * where
 * all numbers are equal. As scikit-learn's `mean_squared_error`, `mean_absolute_error` and `r2_score`.
 */
export function regressionMetrics(
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
): { readonly mse: number; readonly rmse: number; readonly mae: number; readonly r2: number } {
  if (predicted.length !== targets.length || targets.length === 0) {
    throw new UserError({
      rule: 'There must be one prediction for every number.',
      received: `${predicted.length} predictions of ${targets.length}`,
    })
  }
  const values = Array.from(targets)
  const centre = values.reduce((a, b) => a + b, 0) / values.length
  const squares = values.reduce((a, value, i) => a + (value - (predicted[i] as number)) ** 2, 0)
  const spread = values.reduce((a, value) => a + (value - centre) ** 2, 0)
  const mse = squares / values.length
  const mae = values.reduce((a, value, i) => a + Math.abs(value - (predicted[i] as number)), 0) / values.length
  return { mse, rmse: Math.sqrt(mse), mae, r2: spread === 0 ? Number.NaN : 1 - squares / spread }
}

const regression: readonly Metric[] = [
  { name: 'r2', title: 'R2', unit: '', better: 'higher', format: 'fixed' },
  { name: 'mae', title: 'mean absolute error', unit: '', better: 'lower', format: 'fixed' },
  { name: 'mse', title: 'mean squared error', unit: '', better: 'lower', format: 'fixed' },
]
/** Of the standardised number where one is predicted. */
const loss: Metric = { ...crossEntropyLoss, unit: '' }

const classes = classification({ input: 'features', target: 'target' })

/** What of a batch the loss and the evaluation of a regression read. */
function errorOf(model: Module, batch: BatchTensors, { targetMean, targetScale }: TabularSettings): Tensor {
  const [features, target] = [batch['features'] as Tensor, batch['target'] as Tensor]
  return sub(squeeze(model.forward(features), 1), mul(sub(target, targetMean), 1 / targetScale))
}

const predicting: Phase<TabularSettings> = {
  name: 'regression',
  columns: ['features', 'target'],
  loss(model, batch, settings) {
    const error = errorOf(model, batch, settings)
    return {
      loss: mean(square(error)),
      metrics: { mae: mul(sum(maximum(error, mul(error, -1))), settings.targetScale) },
    }
  },
}

/** The numbers that a model predicts, in their own unit. */
const prediction = (model: Module, features: Tensor, { targetScale, targetMean }: TabularSettings): Tensor =>
  add(mul(squeeze(model.forward(features), 1), targetScale), targetMean)

const isRegression = ({ kind }: TabularSettings) => kind === 'regression'

/** The task of the experiment `tabular`: cross-entropy over logits, or the squared error of the standardised number. */
export const tabularTask: Task<TabularSettings> = {
  ...classes,
  name: 'tabular',
  phases: settings =>
    isRegression(settings) ? [predicting] : classes.phases(settings).map(phase => ({ ...phase, optionalColumns: [] })),
  classColumn: 'labels',
  outputs: (model, inputs, settings) =>
    isRegression(settings)
      ? { prediction: prediction(model, inputs['features'] as Tensor, settings) }
      : classes.outputs(model, inputs, settings),
  evaluate: {
    columns: ['features', 'target'],
    compute(model, batch, settings) {
      if (!isRegression(settings)) return classes.evaluate.compute(model, batch, settings)
      // The loss in the unit in which training minimises it.
      return {
        sums: { loss: sum(square(errorOf(model, batch, settings))) },
        outputs: { prediction: prediction(model, batch['features'] as Tensor, settings) },
      }
    },
    metrics: (sums, examples, settings) =>
      isRegression(settings)
        ? { loss: total(sums, 'loss') / examples }
        : classes.evaluate.metrics(sums, examples, settings),
    keep: ['logits', 'prediction'],
    answers: ['labels', 'targets'],
    judge(outputs, dataset, settings): Metrics {
      if (!isRegression(settings)) return {}
      const { mse, mae, r2 } = regressionMetrics(outputs['prediction']?.data ?? [], columnOf(dataset, 'target').data)
      return { mse, mae, ...(Number.isFinite(r2) && { r2 }) }
    },
  },
  adviceOn: (metrics, heldOut, train, facts) =>
    train.columns['labels']
      ? classes.adviceOn?.(metrics, heldOut, train, facts)
      : adviceAtMean(metrics, heldOut, train, 'target', facts),
  metrics: [error, ...regression, loss, accuracy],
  monitor: loss,
  views: {
    ...classes.views,
    answers: (outputs, names) => (outputs['prediction'] ? numberAnswers(outputs) : classAnswers(outputs, names)),
  },
}
