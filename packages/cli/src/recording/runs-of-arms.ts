// Finds the runs that stand behind a recording, and trains those that are missing, one after another.
import { UserError } from '@ddlf/tensor'
import { experiments, topics, type Arm, type Recording, type Topic } from '@ddlf/course'
import { findExperiment, parseSettings, type Experiment } from '@ddlf/lab'
import { missingTeacher, runWith, type RunListing } from '@ddlf/lab/node'
import { followTraining } from '../terminal/follow-training.ts'
import { experimentsModule } from '../commands/options.ts'

/** One run that a recording asks for. */
export interface WantedRun {
  readonly arm: Arm
  readonly seed: number
  readonly settings: Readonly<Record<string, unknown>>
}

/** The recording of an experiment with its topic. @throws UserError where nothing is recorded for the experiment */
export function findRecording(name: string): { topic: Topic; recording: Recording; experiment: Experiment } {
  const experiment = findExperiment(experiments, name)
  for (const topic of topics) {
    const recording = topic.recordings?.find(one => one.experiment === name)
    if (recording) return { topic, recording, experiment }
  }
  throw new UserError({ rule: 'No topic lists this experiment among its recordings.', received: name, next: "Add it to the topic's recordings.ts." })
}

/** The runs of a recording: every arm with every seed, or with as many as the arm asks for. */
export const wantedRuns = ({ arms, seeds }: Recording, experiment: Experiment): WantedRun[] =>
  seeds.flatMap((seed, i) => arms.filter(arm => i < (arm.seeds ?? seeds.length)).map(arm => ({ arm, seed, settings: parseSettings(experiment, { ...arm.settings, seed }) })))

/** The completed run of these settings, where there is one. */
export const runOf = (runs: ReadonlyMap<string, RunListing>, { settings }: Pick<WantedRun, 'settings'>): RunListing | undefined => runWith(runs, settings)

/** Trains one run. @returns whether it was done; Ctrl-C stops it at a checkpoint */
async function trainOne(root: string, experiment: Experiment, settings: WantedRun['settings'], threads?: number): Promise<boolean> {
  const task = { kind: 'start', experiment: experiment.name, settings, command: ['ddlf', ...process.argv.slice(2)] } as const
  const { status } = await followTraining({ experimentsModule, root, task, ...(threads !== undefined && { threads }) }, { json: false })
  return status === 'completed'
}

/** Trains runs, one after another, and before a student its teacher where there is none yet. Ctrl-C stops at a checkpoint; returns whether all were done. */
export async function trainRuns(root: string, experiment: Experiment, runs: readonly WantedRun[], threads?: number): Promise<boolean> {
  for (const [index, { arm, seed, settings }] of runs.entries()) {
    try {
      const teacher = missingTeacher(root, experiment, parseSettings(experiment, settings))
      if (teacher) {
        console.log(`\nFirst the teacher, ${teacher.experiment.name}, seed ${teacher.settings.seed}`)
        if (!(await trainOne(root, teacher.experiment, teacher.settings, threads))) return false
      }
      console.log(`\n${index + 1} of ${runs.length}: ${arm.label}, seed ${seed}`)
      if (!(await trainOne(root, experiment, settings, threads))) return false
    } catch (error) {
      // A run that diverges is a finding: the others go on, and it stays among the missing ones.
      if (!(error instanceof UserError)) throw error
      console.error(error.message)
    }
  }
  return true
}
