// Finds the runs that stand behind a recording, and trains those that are missing, one after another.
import { UserError } from '@ddlf/tensor'
import { experiments, topics, type Arm, type Recording, type Topic } from '@ddlf/course'
import { findExperiment, parseSettings, type Experiment } from '@ddlf/lab'
import { listRuns, type RunListing } from '@ddlf/lab/node'
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
  throw new UserError({ rule: 'A recorded experiment is listed in its topic with the settings to compare.', received: name, next: "Add it to the topic's recordings.ts." })
}

/** The runs of a recording: every arm with every seed, or with as many as the arm asks for. */
export const wantedRuns = ({ arms, seeds }: Recording, experiment: Experiment): WantedRun[] =>
  seeds.flatMap((seed, i) => arms.filter(arm => i < (arm.seeds ?? seeds.length)).map(arm => ({ arm, seed, settings: parseSettings(experiment, { ...arm.settings, seed }) })))

const key = (settings: Readonly<Record<string, unknown>>) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Completed runs of an experiment by their settings; settings added since a run was made count at their defaults. */
export function completedRuns(root: string, experiment: Experiment): Map<string, RunListing> {
  const found = new Map<string, RunListing>()
  // Newest first: the newest of equal runs counts.
  for (const run of listRuns({ root, experiment: experiment.name, status: 'completed', summaries: true }).runs) {
    try {
      const settings = key(parseSettings(experiment, run.record.config))
      if (!found.has(settings)) found.set(settings, run)
    } catch (error) {
      // A run of an older form of the experiment has settings that no longer exist.
      if (!(error instanceof UserError)) throw error
    }
  }
  return found
}

/** The completed run of these settings, where there is one. */
export const runOf = (runs: ReadonlyMap<string, RunListing>, { settings }: Pick<WantedRun, 'settings'>): RunListing | undefined => runs.get(key(settings))

/** Trains runs, one after another. Ctrl-C stops at a checkpoint; returns whether all were done. */
export async function trainRuns(root: string, experiment: Experiment, runs: readonly WantedRun[], threads?: number): Promise<boolean> {
  for (const [index, { arm, seed, settings }] of runs.entries()) {
    console.log(`\n${index + 1} of ${runs.length}: ${arm.label}, seed ${seed}`)
    const task = { kind: 'start', experiment: experiment.name, settings, command: ['ddlf', ...process.argv.slice(2)] } as const
    try {
      const { status } = await followTraining({ experimentsModule, root, task, ...(threads !== undefined && { threads }) }, { json: false })
      if (status === 'stopped') return false
    } catch (error) {
      // A run that diverges is a finding: the others go on, and it stays among the missing ones.
      if (!(error instanceof UserError)) throw error
      console.error(error.message)
    }
  }
  return true
}
