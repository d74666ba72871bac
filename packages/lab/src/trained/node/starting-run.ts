// The run that a training starts from: one that is named, or the one of another experiment that its settings ask for.
import { UserError } from '@ddlf/tensor/errors'
import { stateDict, withSeed } from '@ddlf/nn'
import type { TrainingData } from '../../data-source/node/loaded-data.ts'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'
import { nameOfRun } from '../../runs/run-place.ts'
import { neededRuns, requireRun } from './needed-runs.ts'
import { weightsOfRun, type StartingRun } from './weights-of-run.ts'

/**
 * The run that a new training starts from; undefined where it begins at random.
 * @param named `<experiment>/<id>`: it goes before the one that the settings ask for
 * @throws UserError where there is none, and how to train it
 */
export function startingRun(
  root: string, experiment: Experiment, settings: TrainingSettings, named: string | undefined,
): StartingRun | undefined {
  if (named !== undefined) return weightsOfRun(root, named)
  const needed = neededRuns(experiment, settings).find(({ role }) => role === 'start')
  return needed && weightsOfRun(root, nameOfRun(requireRun(root, experiment.name, needed)))
}

/**
 * The weights of a run of another experiment under the names of this model, as its `startsFrom` brings them over; a run
 * of any other experiment as it is.
 * @throws UserError where one of the two runs lacks a file that is needed for it
 */
export function broughtOver(
  experiment: Experiment, { settings, artifacts = {} }: TrainingData, start: StartingRun,
): StartingRun {
  const { startsFrom } = experiment
  if (!startsFrom?.settings(settings) || !start.run.startsWith(`${startsFrom.experiment.name}/`)) return start
  const must = (run: string, name: string, content: string | undefined): string => {
    if (content !== undefined) return content
    const rule = `To start from ${start.run} the file ${name} is needed.`
    throw new UserError({ rule, received: `${run} without it`, next: 'Train that run again.' })
  }
  const { tensors, said } = startsFrom.weights({
    own: stateDict(withSeed(settings.seed, () => experiment.model(settings))),
    other: start.tensors,
    artifacts: {
      own: name => must('the new run', name, artifacts[name]),
      other: name => must(start.run, name, start.artifact(name)),
    },
  })
  const { run, checksums, artifact } = start
  // The settings of another experiment say nothing of these weights.
  return { run, tensors, said, averaged: false, checksums, artifact }
}
