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
  readonly folder: string}

/** Ctrl-C, a request to end, and a terminal that goes away, with the exit status of a program that one of them ended. */
const STOPPING = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type StoppingSignal = keyof typeof STOPPING

/**
 * Runs a job and shows it. The first Ctrl-C saves a checkpoint and stops, with the exit status of the signal; the second
 * quits at once.
 * @throws UserError when the training failed by a mistake of the user's
 */
export async function followTraining(job: TrainingJob, { json }: { readonly json: boolean }): Promise<Followed> {
  const training = startTraining(job)
  const view = progressView(process.stdout, { json })
  let asked: StoppingSignal | undefined
  const interrupt = (signal: StoppingSignal) => {
    // A terminal that goes away may say so twice; it must not cost the checkpoint.
    if (asked && signal === 'SIGHUP') return
    // Dying of the signal, as a program without a listener does: exiting would tear down a thread inside native code.
    if (asked) {
      dieOf(signal)
      return
    }
    asked = signal
    view.close()
    console.error(errorColours.yellow('Stopping after this step and saving a checkpoint. Press Ctrl-C again to quit at once.'))
    training.stop()
  }
  const signals = Object.keys(STOPPING) as StoppingSignal[]
  for (const signal of signals) process.on(signal, interrupt)
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
    if (last.status === 'stopped' && asked) process.exitCode = STOPPING[asked]
    return { status: last.status, folder }
  } finally {
    view.close()
    for (const signal of signals) process.off(signal, interrupt)
  }
}

/** The error behind a `failed` event: it crossed a thread as data. */
const failure = ({ message, parts, stack }: FailedEvent): Error =>
  parts ? new UserError(parts) : Object.assign(new Error(message), stack === undefined ? {} : { stack })
