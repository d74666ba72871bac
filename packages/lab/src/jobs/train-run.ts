// The work of a whole run: one training from its settings to its end, or an earlier run of them gone on with.
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import type { DoneEvent, FailedEvent, TrainEvent } from '../train/events.ts'
import { runTrainingJob } from './run-training-job.ts'
import type { TrainingJob } from './training-job.ts'
import type { WorkContext } from './workers.ts'

/** What a whole run trains. */
export interface RunTraining {
  readonly experiment: string
  readonly settings: Readonly<Record<string, unknown>>
  /** A run to go on with, instead of a new one. */
  readonly run?: string
  readonly command: readonly string[]
}

/** What is told of it: the run, and every event. */
export type RunMessage =
  | { readonly kind: 'note'; readonly attributes: { readonly runs: readonly string[] } }
  | { readonly kind: 'event'; readonly event: TrainEvent }

/** How it ended. */
export interface TrainedRunResult {
  /** `<experiment>/<id>` */
  readonly run: string
  readonly status: DoneEvent['status']
}

/** These come by the hundred: whoever is far hears of epochs. */
const OFTEN: ReadonlySet<TrainEvent['kind']> = new Set(['loading', 'step', 'judging'] as const)

/** Trains a run. The work of the name `training`. @throws UserError where it fails */
export async function trainRun(
  { experiment, settings, run, command }: RunTraining,
  { place, signal, tell }: WorkContext,
): Promise<TrainedRunResult> {
  let name = run
  let last: DoneEvent | FailedEvent | undefined
  const task: TrainingJob['task'] =
    run === undefined ? { kind: 'start', experiment, settings, command } : { kind: 'resume', run }
  await runTrainingJob(
    { ...place, task },
    async message => {
      if (message.kind === 'folder') {
        name = `${path.basename(path.dirname(message.folder))}/${path.basename(message.folder)}`
        await tell({ kind: 'note', attributes: { runs: [name] } } satisfies RunMessage)
        return
      }
      const { event } = message
      if (event.kind === 'done' || event.kind === 'failed') last = event
      if (!OFTEN.has(event.kind)) await tell({ kind: 'event', event } satisfies RunMessage)
    },
    signal,
  )
  if (last?.kind === 'failed') throw last.parts ? new UserError(last.parts) : new Error(last.message)
  if (last === undefined || name === undefined) throw new Error('The training ended without a word.')
  return { run: name, status: last.status }
}
