// Confirms the best trial of a study with fresh seeds, on the test set, beside the settings that it began with.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { findExperiment, parseSettings, type Experiment, type TrainingSettings } from '../../experiment/experiment.ts'
import type { RunTraining, TrainedRunResult } from '../../jobs/train-run.ts'
import type { GivenWork, Workers } from '../../jobs/workers.ts'
import { completedRuns, runWith } from '../../trained/node/completed-runs.ts'
import { readRunSummary } from '../../runs/run-folder.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import { openRun } from '../../runs/run-reference.ts'
import { createStudy } from '../create-study.ts'
import { noPruner } from '../pruners/pruner.ts'
import type { Trial } from '../trial.ts'
import { reportedObjective } from '../objective.ts'
import { readStudy } from './study-folders.ts'
import { openStudyJournal } from './study-journal.ts'
import { tuningRecord, type TuningRecord } from '../tuning-record.ts'
import { trialRuns } from './tuning.ts'

const runSchema = z.object({
  seed: z.number(),
  run: z.string(),
  validation: z.number(),
  /** Null: the data have no test part. */
  test: z.number().nullable(),
})

const confirmationSchema = z.object({
  trial: z.number(),
  /** The metric that was judged. */
  metric: z.string(),
  /** The trial's value in the study: the best of many, and so flattered. */
  inStudy: z.number(),
  /** How many trials it was chosen from. */
  trials: z.number(),
  /** Whether it was the best of them; absent in studies of older versions. */
  best: z.boolean().optional(),
  runs: z.array(runSchema).min(1),
  /** The same seeds with the settings that the study began with. */
  reference: z.array(runSchema),
})

/** What a confirmation found. */
export type Confirmation = z.infer<typeof confirmationSchema>
export type ConfirmedRun = z.infer<typeof runSchema>

/** The study's attribute that holds its confirmations, by the number of the trial. */
const CONFIRMED = 'confirmed'

/** What {@link confirmStudy} needs. */
export interface ConfirmOptions {
  readonly experiments: readonly Experiment[]
  readonly studies: string
  readonly study: string
  readonly runs: string
  /** Which trial; default: the best one. With several objectives it must be given. */
  readonly trial?: number
  /** Fresh seeds; default 6, the fewest by which a difference can be told from chance at one in twenty. */
  readonly seeds?: number
  readonly workers: Workers
  readonly command?: readonly string[]
  readonly signal?: AbortSignal
  readonly onRun?: (run: {
    readonly index: number
    readonly of: number
    readonly settings: TrainingSettings
    readonly begins: boolean
  }) => void
}

type Attributes = Readonly<Record<string, unknown>>

/** All confirmations that a study holds, by the number of the trial. */
export const confirmationsOf = ({ [CONFIRMED]: all }: Attributes): readonly Confirmation[] =>
  typeof all === 'object' && all !== null
    ? Object.values(all).flatMap(one => confirmationSchema.safeParse(one).data ?? [])
    : []

/** The confirmation of a trial that the study holds already. */
export const confirmationOf = (attributes: Attributes, trial: number): Confirmation | undefined =>
  confirmationsOf(attributes).find(one => one.trial === trial)

function chosenTrial(
  { trials, best, front, name, directions }: ReturnType<typeof readStudy>,
  number: number | undefined,
): Trial {
  const trial = number === undefined ? best : trials[number]
  if (trial?.state === 'complete') return trial
  if (number === undefined && directions.length > 1) {
    throw new UserError({
      rule: 'A study of several objectives has no single best trial.',
      received: name,
      next: `Choose one with --trial: ${front.map(one => one.number).join(', ')}.`,
    })
  }
  throw new UserError({
    rule: 'A complete trial can be confirmed.',
    received: trial
      ? `trial ${trial.number}, which is ${trial.state}`
      : number === undefined
        ? 'none yet'
        : `trial ${number}; the study has ${trials.length}`,
    next: 'Wait for one, or choose another with --trial.',
  })
}

/** Seeds behind those of the study's own runs. */
const freshSeeds = ({ settings, repeats }: TuningRecord, count: number) =>
  Array.from({ length: count }, (_, i) => Number(settings['seed']) + repeats + i)

/**
 * Trains the best settings of a study, and those it began with, with fresh seeds, and judges both on the test set: the
 * only part of a study that reads it. Data without a test part are judged on the part that trials were compared by.
 * Done once; asked again, it gives what was found. Stopped by the signal, the runs
 * that are complete are used by the next call.
 * @returns undefined where it was stopped
 */
export async function confirmStudy(options: ConfirmOptions): Promise<Confirmation | undefined> {
  checkOptions('confirmStudy', options, [
    'experiments',
    'studies',
    'study',
    'runs',
    'trial',
    'seeds',
    'workers',
    'command',
    'signal',
    'onRun',
  ])
  const { experiments, studies, study: name, seeds = 6 } = options
  const study = readStudy(studies, name)
  const record = tuningRecord(name, study.attributes)
  const trial = chosenTrial(study, options.trial)
  const before = confirmationOf(study.attributes, trial.number)
  if (before && before.runs.length >= seeds) return before
  if (study.running)
    throw new UserError({
      rule: 'A study is confirmed when it is over.',
      received: `${name}, on which a process works`,
      next: 'Wait for its end, or stop it; it can go on later.',
    })
  const experiment = findExperiment(experiments, record.experiment)
  const [best] = trialRuns(experiment, record, trial)
  const tested = (settings: Readonly<Record<string, unknown>>, seed: number) =>
    parseSettings(experiment, { ...settings, seed, evaluateTest: true })
  const fresh = freshSeeds(record, seeds)
  const wanted = [
    ...fresh.map(seed => tested(best as TrainingSettings, seed)),
    ...fresh.map(seed => tested(record.settings, seed)),
  ]
  const found = await trainAll(options, experiment, wanted)
  if (!found) return undefined
  const metric = reportedObjective(record.objectives) ?? experiment.task.monitor.name
  const judged = found.map((run, i) => judge(run, metric, (wanted[i] as TrainingSettings).seed))
  const complete = study.trials.filter(({ state }) => state === 'complete').length
  const confirmation: Confirmation = {
    trial: trial.number,
    metric,
    inStudy: trial.values?.[record.objectives.indexOf(metric)] ?? Number.NaN,
    trials: complete,
    best: trial.number === study.best?.number,
    runs: judged.slice(0, seeds),
    reference: judged.slice(seeds),
  }
  keep(options, confirmation)
  return confirmation
}

/** Finds or trains a run for each of some settings; undefined where it was stopped. */
async function trainAll(
  { runs: root, workers, command = [], signal, onRun }: ConfirmOptions,
  experiment: Experiment,
  wanted: readonly TrainingSettings[],
): Promise<RunFolder[] | undefined> {
  const done = completedRuns(root, experiment)
  const under = new Set<GivenWork>()
  // One listener, however many runs there are.
  const stop = () => {
    under.forEach(given => {
      given.stop()
    })
  }
  signal?.addEventListener('abort', stop)
  const results = await Promise.all(
    wanted.map(async (settings, index) => {
      const earlier = runWith(done, settings)
      if (earlier) return earlier
      if (signal?.aborted) return undefined
      const data: RunTraining = { experiment: experiment.name, settings, command }
      let begun = false
      const given = workers.give({ name: 'training', data }, () => {
        if (!begun) onRun?.({ index, of: wanted.length, settings, begins: true })
        begun = true
        return 'go'
      })
      under.add(given)
      try {
        const { run, status } = (await given.result) as TrainedRunResult
        if (status !== 'completed') return undefined
        onRun?.({ index, of: wanted.length, settings, begins: false })
        return openRun(root, run)
      } catch (error) {
        if (signal?.aborted) return undefined
        throw error
      } finally {
        under.delete(given)
      }
    }),
  ).finally(() => {
    signal?.removeEventListener('abort', stop)
  })
  const complete = results.filter(run => run !== undefined)
  return complete.length === wanted.length ? complete : undefined
}

function judge(run: RunFolder, metric: string, seed: number): ConfirmedRun {
  const { metrics } = readRunSummary(run) as { metrics: Readonly<Record<string, Readonly<Record<string, number>>>> }
  return {
    seed,
    run: `${run.experiment}/${run.id}`,
    validation: metrics['validation']?.[metric] ?? Number.NaN,
    test: metrics['test'] ? (metrics['test'][metric] ?? Number.NaN) : null,
  }
}

/** Writes a confirmation into the study's journal. */
function keep({ studies, study: name }: ConfirmOptions, confirmation: Confirmation): void {
  const journal = openStudyJournal(readStudy(studies, name).folder)
  try {
    const { space, directions, attributes, storedName } = readStudy(studies, name)
    const study = createStudy({ name: storedName, space, directions, journal, pruner: noPruner() })
    study.setStudyAttribute(CONFIRMED, {
      ...(attributes[CONFIRMED] as object | undefined),
      [confirmation.trial]: confirmation,
    })
  } finally {
    journal.close()
  }
}
