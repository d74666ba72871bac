// The thread in which a study of the lab runs: what its sampler computes is not the time of the one that serves.
import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '@ddlf/tensor/errors'
import { experimentsFrom } from '../experiment/node/experiments-from.ts'
import { spentBudget } from '../studies/budget.ts'
import { checkQueued, goesOn, runTuning, type RunTuningOptions } from '../studies/node/run-tuning.ts'
import { inspectTraining } from '../studies/node/study-grounds.ts'
import { openTuning, type Tuning, type TuningOptions } from '../studies/node/tuning.ts'
import { failedEvent, type FailedEvent } from '../train/events.ts'
import { atField, FieldError, withField } from './field-error.ts'

/** What the thread is to run. */
export interface StudyWork {
  readonly tuning: Omit<TuningOptions, 'experiments'>
  readonly run: Pick<RunTuningOptions, 'experimentsModule' | 'runs' | 'jobs' | 'budget' | 'keep'>
}

/** What it says: that the study is open under a name, or why it is not; and that it is over. */
export type FromStudy =
  | { readonly kind: 'begun'; readonly name: string }
  | { readonly kind: 'ended' }
  | (FailedEvent & {
      /** The field of the form that was refused. */
      readonly field?: string
    })

/** The attribute of a study that says why the lab could not go on with it. */
const TROUBLE = 'trouble'

/** @throws UserError where a study has all of its trials already */
function checkGoesOn(tuning: Tuning, trials: number): void {
  if (goesOn(tuning, { trials })) return
  const { study, name } = tuning
  const spent = spentBudget(study.trials).trials
  throw new UserError({
    rule: 'A study goes on to more trials than it has.',
    received: `${trials} in all; ${name} has ${spent}`,
    next: `Give at least ${spent + 1}.`,
  })
}

const stop = new AbortController()
const say = (message: FromStudy) => parentPort?.postMessage(message)

async function run({ tuning: given, run: how }: StudyWork): Promise<void> {
  const experiments = await experimentsFrom(how.experimentsModule)
  // Every field was read before: what is refused now is what the study of this name has, or is.
  const tuning = atField('study', () => openTuning({ ...given, experiments }))
  try {
    atField('enqueue', () => { checkQueued(tuning, how.budget) })
    atField('trials', () => { checkGoesOn(tuning, how.budget.trials) })
    // Data that are not there, or are others, begin nothing.
    const { experiment: { name: experiment }, record: { settings } } = tuning
    const asked = { experimentsModule: how.experimentsModule, experiment, settings }
    const grounds = await inspectTraining(asked).catch((error: unknown) => { throw withField('settings', error) })
    atField('study', () => tuning.settle(grounds))
    // What an earlier call ran into is over with this one.
    if (tuning.study.attributes[TROUBLE] !== undefined) tuning.study.setStudyAttribute(TROUBLE, '')
    say({ kind: 'begun', name: tuning.name })
    await runTuning({ ...how, tuning, signal: stop.signal }).catch((error: unknown) => {
      tuning.study.setStudyAttribute(TROUBLE, error instanceof Error ? error.message : String(error))
    })
  } finally {
    tuning.close()
  }
}

// Any word asks it to save its trials and stop.
parentPort?.on('message', () => {
  stop.abort()
})
void run(workerData as StudyWork)
  .catch((error: unknown) =>
    say({ ...failedEvent(error), ...(error instanceof FieldError && { field: error.field }) }))
  .finally(() => {
    say({ kind: 'ended' })
    parentPort?.close()
  })
