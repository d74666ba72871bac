// Follows a training from its first event to its end: shows it, answers Ctrl-C, and says how it went.
import { UserError } from '@ddlf/tensor'
import type { FailedEvent, TrainEvent } from '@ddlf/lab'
import { startTraining, type TrainingJob } from '@ddlf/lab/node'
import { progressView } from './progress.ts'
import { stopOnSignals } from './stopping.ts'

/** How a training ended. */
export interface Followed {
  readonly status: 'completed' | 'stopped'
  /** The run's folder. */
  readonly folder: string
}

/** How a training is shown, and who hears of a wish to stop. */
export interface FollowOptions {
  readonly json: boolean
  /** Hears the exit status of the signal that asked to stop, also where the training was done or failed by then. */
  readonly onStop?: (exitCode: number) => void
}

/**
 * Runs a job and shows it. The first Ctrl-C saves a checkpoint and stops, with the exit status of the signal; the
 * second quits at once.
 * @throws UserError when the training failed by a mistake of the user's
 */
export async function followTraining(job: TrainingJob, { json, onStop }: FollowOptions): Promise<Followed> {
  const training = startTraining(job)
  const view = progressView(process.stdout, { json })
  const message = 'Stopping after this step and saving a checkpoint. Press Ctrl-C again to quit at once.'
  const stopping = stopOnSignals(message, () => { view.close() })
  stopping.signal.addEventListener('abort', () => { training.stop() })
  try {
    let last: TrainEvent | undefined
    for await (const event of training.events) {
      view.show(event)
      last = event
    }
    if (last?.kind === 'failed') throw failure(last)
    const folder = await training.folder
    if (last?.kind !== 'done' || folder === undefined) throw new Error('The training ended without a word.')
    // `train && deploy` must not deploy half a training.
    if (last.status === 'stopped') process.exitCode = stopping.exitCode() ?? process.exitCode
    return { status: last.status, folder }
  } finally {
    view.close()
    stopping.off()
    const exitCode = stopping.exitCode()
    if (exitCode !== undefined) onStop?.(exitCode)
  }
}

/** The error behind a `failed` event: it crossed a thread as data. */
const failure = ({ message, parts, stack }: FailedEvent): Error =>
  parts ? new UserError(parts) : Object.assign(new Error(message), stack === undefined ? {} : { stack })
