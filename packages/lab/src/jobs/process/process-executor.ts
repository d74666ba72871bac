// Each training in a process of its own on this machine.
import path from 'node:path'
import { checkOptions } from '@ddlf/tensor/errors'
import { markFailed } from '../../runs/mark-failed.ts'
import { trainingEvents } from '../training-events.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from '../training-job.ts'
import type { ExecutedTraining, Executor } from '../executor.ts'
import { describeDeath, startChild, type Child } from './child.ts'

/** Settings of {@link processExecutor}. */
export interface ProcessExecutorOptions {
  /** Milliseconds that a training gets to save its checkpoint when the executor closes; default a minute. */
  readonly patience?: number
  /** Megabytes of JavaScript objects that a training may hold; default Node's own limit. */
  readonly heap?: number
}

const RESUME =
  'Resume the run: it goes on from its last checkpoint. Where memory ran out, choose a smaller batch or model.'

/** A training that has no run yet has nothing to save, and gets no longer than this. */
const SHORT_PATIENCE = 2000

interface Job {
  readonly child: Child
  readonly training: ExecutedTraining
  folder: string | undefined
  /** Set when this executor had to kill it. */
  killed?: string
}

/** Runs each job in a child process. */
export function processExecutor(options: ProcessExecutorOptions = {}): Executor {
  checkOptions('processExecutor', options, ['patience', 'heap'])
  const { patience = 60_000, heap } = options
  const jobs = new Set<Job>()
  return {
    get running() {
      return jobs.size
    },
    start(given: TrainingJob): ExecutedTraining {
      const { events, folder, receive, fail, end } = trainingEvents()
      const child = startChild(
        new URL('./training-child.ts', import.meta.url),
        message => receive(message as FromTrainer),
        heap === undefined ? {} : { heap },
      )
      child.send({ kind: 'job', job: given })
      const ended = child.ended.then(death => {
        jobs.delete(job)
        const error = describeDeath(death, { what: 'training', next: RESUME })
        if (job.folder !== undefined) markFailed(runOf(job.folder), job.killed ?? error.parts.received ?? error.message)
        fail(error)
        end()
      })
      const training: ExecutedTraining = {
        events,
        folder,
        ended,
        stop: () => child.send({ kind: 'stop' } satisfies ToTrainer),
      }
      const job: Job = { child, training, folder: undefined }
      void folder.then(found => (job.folder = found))
      jobs.add(job)
      return training
    },
    async close() {
      const closing = [...jobs]
      closing.forEach(({ training }) => training.stop())
      const killAfter = (milliseconds: number, due: (job: Job) => boolean) => setTimeout(() => {
        for (const job of closing.filter(due)) {
          job.killed = `saved no checkpoint within ${milliseconds / 1000} seconds of being asked to stop, and ` +
            `was killed`
          job.child.kill()
        }
      }, milliseconds)
      const timers = [
        killAfter(patience, () => true),
        // Asked when the time is over: a run may begin after the closing has.
        killAfter(Math.min(patience, SHORT_PATIENCE), ({ folder }) => folder === undefined),
      ]
      await Promise.all(closing.map(({ training }) => training.ended))
      timers.forEach(timer => clearTimeout(timer))
    },
  }
}

const runOf = (folder: string) => ({
  experiment: path.basename(path.dirname(folder)),
  id: path.basename(folder),
  folder,
})
