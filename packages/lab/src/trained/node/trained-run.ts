// A run on disk with its model: where evaluate, predict, analyze, compare and export begin.
import { UserError } from '@ddlf/tensor'
import type { Module } from '@ddlf/nn'
import {
  findExperiment,
  recordedSettings,
  type Experiment,
  type TrainingSettings,
} from '../../experiment/experiment.ts'
import { checkpointNames, loadCheckpoint } from '../../runs/checkpoint.ts'
import { readRunRecord, runPaths } from '../../runs/run-folder.ts'
import { settingsOf } from '../../runs/run-origin.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import type { RunRecord } from '../../runs/run-record.ts'
import { openRun } from '../../runs/run-reference.ts'
import type { Checkpoint, CheckpointName } from '../../runs/run-store.ts'
import { ddlfCommand } from '../../command-text.ts'
import { runsWords } from '../../runs/runs-words.ts'
import { classesOf } from '../../experiment/experiment-data.ts'
import { trainedModel } from '../trained-model.ts'

/** A run with everything it is made of. */
export interface TrainedRun {
  /** `<experiment>/<id>` */
  readonly name: string
  readonly run: RunFolder
  readonly record: RunRecord
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly checkpoint: Checkpoint
  /** The model with the checkpoint's weights. */
  readonly model: Module
  readonly classes: readonly string[]
}

const MODULE = /\.[cm]?[jt]s$/

/**
 * The experiment of a run.
 * @throws UserError where there is none of this name, telling how to name the file that it was trained from
 */
export function experimentOf(experiments: readonly Experiment[], { experiment, command }: RunRecord): Experiment {
  const file = command[1] === 'train' ? command.find(word => MODULE.test(word)) : undefined
  if (file === undefined || experiments.some(({ name }) => name === experiment)) {
    return findExperiment(experiments, experiment)
  }
  // Never loaded unasked: the record may be somebody else's, and a module runs when it is loaded.
  throw new UserError({
    rule: 'The experiment of this run is in a file that has to be named.',
    received: experiment,
    next: `Set the environment variable DDLF_EXPERIMENTS to the file, which was: ${file}`,
  })
}

/** Opens a run without its weights. @throws UserError where the run or its experiment does not exist */
export function openRunRecord(
  experiments: readonly Experiment[],
  root: string,
  reference: string,
): Omit<TrainedRun, 'checkpoint' | 'model'> {
  const run = openRun(root, reference)
  const record = readRunRecord(run)
  const experiment = experimentOf(experiments, record)
  const settings = recordedSettings(experiment, record.config)
  return {
    name: `${run.experiment}/${run.id}`,
    run,
    record,
    experiment,
    settings,
    classes: classesOf(experiment, settings),
  }
}

/**
 * Opens a run with the model of one of its checkpoints.
 * @param checkpoint `last` (the default), `best` or `step-N`
 * @throws UserError where the run, its experiment or the checkpoint does not exist, or the weights do not fit the model
 */
export function openTrainedRun(
  experiments: readonly Experiment[],
  root: string,
  reference: string,
  checkpoint: string = 'last',
): TrainedRun {
  const opened = openRunRecord(experiments, root, reference)
  const { checkpoints } = runPaths(opened.run)
  const names = checkpointNames(checkpoints)
  const loaded = (names as readonly string[]).includes(checkpoint)
    ? loadCheckpoint(checkpoints, checkpoint as CheckpointName, opened.record)
    : undefined
  if (!loaded) {
    throw new UserError({
      rule: `The run has no checkpoint '${checkpoint}'.`,
      received:
        names.length > 0 ? `${opened.name} with ${names.join(', ')}` : `${opened.name} without any checkpoint yet`,
      next:
        names.length > 0
          ? `Use --checkpoint ${names[0] as string}.`
          : `Train it on: ${ddlfCommand('resume', opened.name, ...runsWords(root))}`,
    })
  }
  // A run that went on with other settings has checkpoints from before.
  const settings = recordedSettings(opened.experiment, settingsOf(opened.record, loaded.origin))
  return { ...opened, settings, checkpoint: loaded, model: trainedModel(opened.experiment, settings, loaded) }
}
