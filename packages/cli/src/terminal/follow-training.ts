// Follows a training from its first event to its end: shows it, answers Ctrl-C, and says how it went.
import { UserError } from '@ddlf/tensor'
import type { FailedEvent, TrainEvent } from '@ddlf/lab'
import { startTraining, type TrainingJob } from '@ddlf/lab/node'
import { errorColours } from './colour.ts'
import { progressView } from './progress.ts'

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** How a training ended. */
export interface Followed {
  readonly status: 'completed' | 'stopped'
  /** The run's folder. */
  readonly folder: string
}

/**
 * Runs a job and shows it. The first Ctrl-C saves a checkpoint and stops; the second quits at once.
 * @throws UserError when the training failed by a mistake of the user's
 */
export async function followTraining(job: TrainingJob, { json }: { readonly json: boolean }): Promise<Followed> {
  const training = startTraining(job)
  const view = progressView(process.stdout, { json })
  let asked = false
  const interrupt = () => {
    // Dying of the signal, as a program without a listener does: exiting would tear down a thread inside native code.
    if (asked) {
      dieOf('SIGINT')
      return
    }
    asked = true
    view.close()
    console.error(errorColours.yellow('Stopping after this step and saving a checkpoint. Press Ctrl-C again to quit at once.'))
    training.stop()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    let last: TrainEvent | undefined
    for await (const event of training.events) {
      view.show(event)
      last = event
    }
    if (last?.kind === 'failed') throw failure(last)
    const folder = await training.folder
    if (last?.kind !== 'done' || folder === undefined) throw new Error('The training ended without a word.')
    return { status: last.status, folder }
  } finally {
    view.close()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** The error behind a `failed` event: it crossed a thread as data. */
const failure = ({ message, parts, stack }: FailedEvent): Error =>
  parts ? new UserError(parts) : Object.assign(new Error(message), stack === undefined ? {} : { stack })
