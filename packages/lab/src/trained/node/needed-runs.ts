// The completed runs that a training needs before it can begin: the teacher it learns from, the run it starts from.
import { UserError } from '@ddlf/tensor/errors'
import { ddlfCommand, settingWords } from '../../command-text.ts'
import { givenSettings, parseSettings, type Experiment, type TrainingSettings } from '../../experiment/experiment.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import { runsWords } from '../../runs/runs-words.ts'
import { completedRuns, runWith } from './completed-runs.ts'

/** A run that another training needs. */
export interface NeededRun {
  /** What it is to that training. */
  readonly role: 'teacher' | 'start'
  readonly experiment: Experiment
  /** All settings of the run. */
  readonly settings: TrainingSettings
}

/** The runs that a training with these settings needs: none, a teacher, a run to start from, or both. */
export function neededRuns({ teacher, startsFrom }: Experiment, settings: TrainingSettings): readonly NeededRun[] {
  const parts = [['teacher', teacher], ['start', startsFrom]] as const
  return parts.flatMap(([role, part]) => {
    const given = part?.settings(settings)
    return part && given
      ? [{ role, experiment: part.experiment, settings: parseSettings(part.experiment, given) }]
      : []
  })
}

const foundRun = (root: string, { experiment, settings }: NeededRun): RunFolder | undefined =>
  runWith(completedRuns(root, experiment), settings)

/** Of the runs that a training needs, those that there are. */
export const existingRuns = (root: string, experiment: Experiment, settings: TrainingSettings): readonly RunFolder[] =>
  neededRuns(experiment, settings).flatMap(needed => foundRun(root, needed) ?? [])

/** Of the runs that a training needs, those that have to be trained first. */
export const missingRuns = (root: string, experiment: Experiment, settings: TrainingSettings): readonly NeededRun[] =>
  neededRuns(experiment, settings).filter(needed => !foundRun(root, needed))

/** The command that trains a needed run. */
export const trainingOf = (root: string, { experiment, settings }: NeededRun): string =>
  ddlfCommand('train', experiment.name, ...settingWords(givenSettings(experiment, settings)), ...runsWords(root))

/**
 * The newest completed run of the wanted settings.
 * @param who the experiment that needs it
 * @throws UserError where there is none: it says how to train one
 */
export function requireRun(root: string, who: string, needed: NeededRun): RunFolder {
  const found = foundRun(root, needed)
  if (found) return found
  const does = needed.role === 'teacher' ? 'learns from' : 'starts from'
  throw new UserError({
    rule: `${who} ${does} a completed run of ${needed.experiment.name}.`,
    received: `none with these settings in ${root}`,
    next: `Train it first: ${trainingOf(root, needed)}`,
  })
}
