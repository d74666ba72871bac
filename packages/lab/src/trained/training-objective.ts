// The loss that a run minimised, over some of its training examples, as a function of the flat parameters.
import type { Runtime, TypedArray } from '@ddlf/tensor'
import { columnOf, examplesOf, take, type Dataset } from '@ddlf/data'
import type { Module } from '@ddlf/nn'
import { modelObjective, type ModelObjective } from '../analysis/model/model-objective.ts'
import { onlyPhaseOf } from '../experiment/experiment-data.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { classBalance } from '../train/class-balance.ts'
import { phaseLoss } from '../train/phase-loss.ts'

/** A model, and what it learned from. */
export interface ObjectiveOfRun {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly model: Module
  /** All that was learned from: it decides the weights of classes. */
  readonly train: Dataset
  readonly runtime: Runtime
}

/**
 * The mean loss over the first training examples as a function of the flat parameters: the loss of the training step,
 * with its class weights, in evaluation mode.
 * @param measured.examples how many are measured on
 * @param measured.batchSize how many run at once; default 250
 * @throws UserError where a training step has several losses
 */
export function trainingObjective(
  { experiment, settings, model, train, runtime }: ObjectiveOfRun,
  { examples, batchSize = 250 }: { readonly examples: number; readonly batchSize?: number },
): ModelObjective {
  const { classWeights } = classBalance(experiment, settings, train)
  const phase = onlyPhaseOf(experiment, settings, 'Sharpness and loss landscapes')
  const { columns, loss } = phaseLoss(phase, settings, model, train.columns, classWeights ? { classWeights } : {})
  const part = take(train, examples)
  const read = columns.map(name => columnOf(part, name))
  const batches = Array.from({ length: Math.ceil(part.length / batchSize) }, (_, b) =>
    read.map((column): TypedArray => {
      return examplesOf(column, b * batchSize, Math.min((b + 1) * batchSize, part.length)).slice()
    }),
  )
  const specs = read.map(({ shape, dtype }, i) => ({ shape: [null, ...shape], dtype, name: columns[i] as string }))
  return modelObjective(model, loss, specs, batches, { runtime })
}
