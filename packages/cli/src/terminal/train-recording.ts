// Trains the runs that a recording asks for, shown in the terminal.
import { recordedCommand } from '@ddlf/lab/command-text'
import type { Topic } from '@ddlf/course'
import { findExperiment, type Experiment, type Recording, type WantedRun } from '@ddlf/lab'
import { trainRuns, trainRunsByWorkers } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { topics } from '../course.ts'
import { experimentModules, experiments } from '../experiments.ts'
import { openQueue } from './open-queue.ts'
import { stopOnSignals } from './stopping.ts'
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

/** Where the runs of a recording are trained: with so many threads here, or by the workers of a queue. */
export interface RecordingPlace {
  readonly threads?: number
  readonly queue?: string
}

/** Trains runs by the workers of a queue. */
async function trainElsewhere(
  root: string,
  experiment: Experiment,
  runs: readonly WantedRun[],
  queue: string,
): Promise<boolean> {
  const workers = await openQueue(queue, root, {
    say: line => { console.log(line) },
    warn: line => { console.error(line) },
  })
  const message = 'Saving the runs, and stopping. Press Ctrl-C again to quit at once.'
  const stopping = stopOnSignals(message, () => undefined)
  try {
    return await trainRunsByWorkers(root, experiment, runs, {
      workers, command: recordedCommand(['ddlf', ...process.argv.slice(2)]), signal: stopping.signal,
      say: line => { console.log(`${new Date().toISOString().slice(11, 19)} ${line}`) },
      warn: line => { console.error(line) },
    })
  } finally {
    stopping.off()
    await workers.close()
    process.exitCode = stopping.exitCode() ?? process.exitCode
  }
}

/** Trains runs here, one after another. */
async function trainHere(
  root: string,
  experiment: Experiment,
  runs: readonly WantedRun[],
  threads: number | undefined,
): Promise<boolean> {
  let exitCode: number | undefined
  const done = await trainRuns(root, experiment, runs, {
    train: async ({ name }, settings) => {
      const task = {
        kind: 'start',
        experiment: name,
        settings,
        command: recordedCommand(['ddlf', ...process.argv.slice(2)]),
      } as const
      const job = { experimentsModule: experimentModules, root, task, ...(threads !== undefined && { threads }) }
      const onStop = (code: number) => { exitCode = code }
      return (await followTraining(job, { json: false, onStop })).status === 'completed'
    },
    isStopped: () => exitCode !== undefined,
    say: line => { console.log(line) },
    warn: line => { console.error(line) },
  })
  if (!done) process.exitCode = exitCode ?? process.exitCode
  return done
}

/** Trains runs, here one after another. Ctrl-C stops at a checkpoint. @returns whether all were done */
export const trainRecording = (
  root: string,
  experiment: Experiment,
  runs: readonly WantedRun[],
  { threads, queue }: RecordingPlace,
): Promise<boolean> =>
  queue === undefined ? trainHere(root, experiment, runs, threads) : trainElsewhere(root, experiment, runs, queue)
