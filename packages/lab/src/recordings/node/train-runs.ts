// Trains the runs that stand behind a recording, one after another, and before a student its teacher.
import { UserError } from '@ddlf/tensor/errors'
import { parseSettings, type Experiment } from '../../experiment/experiment.ts'
import { missingTeacher } from '../../data-source/node/teacher.ts'
import type { WantedRun } from '../recording.ts'

/** How the runs of a recording are trained, and who hears of it. */
export interface RunsTrainer {
  /** Trains one run to its end; false: it was asked to stop, and saved a checkpoint. @throws UserError where it failed */
  readonly train: (experiment: Experiment, settings: Readonly<Record<string, unknown>>) => Promise<boolean>
  /** Hears which run comes next. */
  readonly say: (line: string) => void
  /** Hears why a run failed: the others go on. */
  readonly warn: (line: string) => void
}

/**
 * Trains runs, one after another, and before a student its teacher where there is none yet.
 * @returns whether all were done; false where one was asked to stop
 */
export async function trainRuns(
  root: string,
  experiment: Experiment,
  runs: readonly WantedRun[],
  { train, say, warn }: RunsTrainer,
): Promise<boolean> {
  for (const [index, { arm, seed, settings }] of runs.entries()) {
    try {
      const teacher = missingTeacher(root, experiment, parseSettings(experiment, settings))
      if (teacher) {
        say(`\nFirst the teacher, ${teacher.experiment.name}, seed ${teacher.settings.seed}`)
        if (!(await train(teacher.experiment, teacher.settings))) return false
      }
      say(`\n${index + 1} of ${runs.length}: ${arm.label}, seed ${seed}`)
      if (!(await train(experiment, settings))) return false
    } catch (error) {
      // A run that diverges is a finding: the others go on, and it stays among the missing ones.
      if (!(error instanceof UserError)) throw error
      warn(error.message)
    }
  }
  return true
}
