// A recorded run with the weights that it ended with.
import { UserError } from '@ddlf/tensor/errors'
import type { Module } from '@ddlf/nn'
import { recordedSettings, type Experiment, type TrainingSettings } from '../../experiment/experiment.ts'
import { loadCheckpoint } from '../../runs/checkpoint.ts'
import { runPaths, type RunListing } from '../../runs/run-folder.ts'
import { nameOfRun } from '../../runs/run-place.ts'
import { trainedModel } from '../../trained/trained-model.ts'

/**
 * The model of a run with the weights of its last checkpoint.
 * @param rule what they are needed for, in a sentence
 * @throws UserError where it keeps them no more
 */
export function modelOfRun(
  run: RunListing, experiment: Experiment, rule: string,
): { readonly settings: TrainingSettings; readonly model: Module } {
  const settings = recordedSettings(experiment, run.record.config)
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last', run.record)
  if (checkpoint) return { settings, model: trainedModel(experiment, settings, checkpoint) }
  throw new UserError({
    rule,
    received: `${nameOfRun(run)} without its last checkpoint`,
    next: 'Train it again with --train.',
  })
}
