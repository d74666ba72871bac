// The task of predicting numbers: the squared error in training, and how far the predictions are off.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { abs, mean, reshape, square, sub, sum, type Tensor } from '@ddlf/tensor'
import type { Module } from '@ddlf/nn'
import type { Metric } from '../experiment/metric.ts'
import { scaleImages } from './classification/classification.ts'
import { numberAnswers } from './number-answers.ts'
import { total, type BatchTensors, type Task } from './task.ts'

const lower = (name: string, title: string): Metric => ({
  name,
  title,
  unit: '',
  better: 'lower',
  format: 'significant',
})
const loss = lower('loss', 'mean squared error')

/** What a regression reads. */
export interface RegressionOptions {
  /** Column of inputs; default `inputs`. */
  readonly input?: string
  /** Column of float32 numbers to predict; default `targets`. */
  readonly target?: string
}

/**
 * Regression: `targets` of any shape are predicted by outputs of the same size. uint8 inputs reach the model divided by
 * 255.
 */
export function regression(options: RegressionOptions = {}): Task<unknown> {
  const { input = 'inputs', target = 'targets' } = checkOptions('regression', options, ['input', 'target'])
  const prepare = (x: Tensor) => (x.dtype === 'uint8' ? scaleImages(x, [0], [1]) : x)
  const errors = (model: Module, batch: BatchTensors): Tensor => {
    const [x, wanted] = [batch[input] as Tensor, batch[target] as Tensor]
    const said = model.forward(prepare(x))
    if (said.size !== wanted.size) {
      throw new UserError({
        rule: 'A regression gives as many numbers as there are to predict.',
        received: `outputs [${said.shape.join(', ')}] for targets [${wanted.shape.join(', ')}]`,
        next: "End the model in one output for each number; where the targets are classes, say task: 'classification'.",
      })
    }
    return sub(reshape(said, wanted.shape), wanted)
  }
  return {
    name: 'regression',
    phases: () => [
      {
        name: 'squared error',
        columns: [input, target],
        loss: (model, batch) => ({ loss: mean(square(errors(model, batch))), metrics: {} }),
      },
    ],
    inputs: [input],
    prepare,
    outputs: (model, { [input]: x }) => ({ prediction: model.forward(prepare(x as Tensor)) }),
    evaluate: {
      columns: [input, target],
      compute(model, batch) {
        const error = errors(model, batch)
        const perExample = 1 / (error.size / (error.shape[0] ?? 1))
        return { sums: { squares: sum(square(error)).mul(perExample), distances: sum(abs(error)).mul(perExample) } }
      },
      metrics: (sums, examples) => ({
        loss: total(sums, 'squares') / examples,
        mae: total(sums, 'distances') / examples,
      }),
    },
    metrics: [loss, lower('mae', 'mean absolute error')],
    monitor: loss,
    views: { answers: numberAnswers },
  }
}
