// Trains the runs that a recording asks for, shown in the terminal.
import { experiments, topics, type Topic } from '@ddlf/course'
import { findExperiment, type Experiment, type Recording, type WantedRun } from '@ddlf/lab'
import { trainRuns } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { experimentsModule } from '../commands/options.ts'
import { followTraining } from './follow-training.ts'

/** The recording of an experiment with its topic. @throws UserError where nothing is recorded for the experiment */
export function findRecording(name: string): { topic: Topic; recording: Recording; experiment: Experiment } {
  const experiment = findExperiment(experiments, name)
  for (const topic of topics) {
    const recording = topic.recordings?.find(one => one.experiment === name)
    if (recording) return { topic, recording, experiment }
  }
  throw new UserError({
    rule: 'No topic lists this experiment among its recordings.',
    received: name,
    next: "Add it to the topic's recordings.ts.",
  })
}

/** Trains runs one after another. Ctrl-C stops at a checkpoint. @returns whether all were done */
export const trainRecording = (
  root: string,
  experiment: Experiment,
  runs: readonly WantedRun[],
  threads?: number,
): Promise<boolean> =>
  trainRuns(root, experiment, runs, {
    train: async ({ name }, settings) => {
      const task = { kind: 'start', experiment: name, settings, command: ['ddlf', ...process.argv.slice(2)] } as const
      const job = { experimentsModule, root, task, ...(threads !== undefined && { threads }) }
      return (await followTraining(job, { json: false })).status === 'completed'
    },
    say: line => {
      console.log(line)
    },
    warn: line => {
      console.error(line)
    },
  })
