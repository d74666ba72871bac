// Runs a study of trainings with workers on this machine, or with given ones, and keeps what was asked to be kept.
import os from 'node:os'
import path from 'node:path'
import { bytesBelow } from '@ddlf/data/files-below'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { workerPool } from '../../jobs/pool/worker-pool.ts'
import type { Workers } from '../../jobs/workers.ts'
import { readRunRecord } from '../../runs/run-folder.ts'
import { runPlace } from '../../runs/run-place.ts'
import { replaceRun } from '../../runs/run-trash.ts'
import { spentBudget, type StudyBudget } from '../budget.ts'
import { EndedTrials } from '../ended-trials.ts'
import { runStudy, type StudyEnd, type StudyEvent } from '../run-study.ts'
import type { Trial } from '../trial.ts'
import { formatPoint } from '../space/space-text.ts'
import { runsOfTrial } from '../tuning-record.ts'
import { findGrounds } from './study-grounds.ts'
import { trialRuns, type Tuning } from './tuning.ts'
import type { ExperimentModules } from '../../experiment/experiment-modules.ts'

/** What {@link runTuning} needs. */
export interface RunTuningOptions {
  readonly tuning: Tuning
  /** Address of the module, or of several, that export the experiments. */
  readonly experimentsModule: ExperimentModules
  /** The folder that holds all runs. */
  readonly runs: string
  /** Trials at once on this machine; default {@link defaultJobs}. */
  readonly jobs?: number
  /** Workers elsewhere, instead of `jobs`; they are not closed. */
  readonly workers?: Workers
  readonly budget: StudyBudget
  /** `all` runs (the default), or those of the `best` trials alone: the others go to the trash. */
  readonly keep?: 'all' | 'best'
  readonly signal?: AbortSignal
  readonly onEvent?: (event: StudyEvent) => void
}

/** Trials at once where nothing is said: each gets two processors. */
export const defaultJobs = (): number => Math.max(1, Math.floor(os.availableParallelism() / 2))

/** The threads of each of so many trainings at once. */
export const threadsOf = (jobs: number): number => Math.max(1, Math.floor(os.availableParallelism() / jobs))

/** The module of what workers of a study do. */
export const trainingWork = new URL('../../jobs/training-work.ts', import.meta.url).href

/** A pool of trainings on this machine, with its processors divided. */
export const trainingPool = ({
  jobs,
  experimentsModule,
  runs,
}: {
  readonly jobs: number
  readonly experimentsModule: ExperimentModules
  readonly runs: string
}): Workers =>
  workerPool({ size: jobs, module: trainingWork, place: { experimentsModule, root: runs, threads: threadsOf(jobs) } })

/** What became of a study, and of the runs that were not to be kept. */
export interface TuningEnd extends StudyEnd {
  /** Runs that were moved to the trash, and their bytes: the disk has them until the trash is emptied. */
  readonly removed: { readonly runs: number; readonly bytes: number }
}

/** Whether a study has trials to run: one that an earlier call left, or fewer than the budget allows. */
export const goesOn = ({ study: { trials } }: Pick<Tuning, 'study'>, budget: Pick<StudyBudget, 'trials'>): boolean =>
  trials.some(({ state }) => state === 'running') || spentBudget(trials).trials < budget.trials

/** @throws UserError where values are to be tried first, and the study has all of its trials already */
export function checkQueued({ queued, name, study }: Tuning, { trials }: Pick<StudyBudget, 'trials'>): void {
  const spent = spentBudget(study.trials).trials
  if (queued.length === 0 || spent < trials) return
  throw new UserError({
    rule: 'A study that has all of its trials tries no others.',
    received: `${formatPoint(queued[0] ?? {})} to be tried; ${name} has ${spent} of ${trials} trials`,
    next: `Let it go on to at least ${spent + queued.length} trials.`,
  })
}

/**
 * Runs the trials of a study until its budget is spent, and those that an earlier call left first.
 * @throws UserError as {@link runStudy}; where something has changed since its earlier trials
 */
export async function runTuning(options: RunTuningOptions): Promise<TuningEnd> {
  checkOptions('runTuning', options, [
    'tuning',
    'experimentsModule',
    'runs',
    'jobs',
    'workers',
    'budget',
    'keep',
    'signal',
    'onEvent',
  ])
  const { tuning, experimentsModule, runs, jobs = defaultJobs(), budget, keep = 'all', signal, onEvent } = options
  const { study, experiment, record } = tuning
  if (goesOn(tuning, budget) && !tuning.settled)
    tuning.settle(await findGrounds(experimentsModule, experiment, record.settings))
  // Where they lie, for whoever reads the journal: the names of runs alone do not say it.
  const place = path.resolve(runs)
  if (study.attributes['runs'] !== place) study.setStudyAttribute('runs', place)
  const workers = options.workers ?? trainingPool({ jobs, experimentsModule, runs })
  const others = new OtherRuns(tuning, runs)
  const hear = (event: StudyEvent) => {
    if (keep === 'best' && event.kind === 'end') others.remove()
    onEvent?.(event)
  }
  try {
    const end = await runStudy({
      study,
      workers,
      work: trial => tuning.work(trial),
      budget,
      onEvent: hear,
      ...(signal && { signal }),
    })
    // Until now one of them might have gone on.
    if (keep === 'best' && end.reason !== 'asked' && end.reason !== 'timeout') others.removeAll()
    return { ...end, removed: others.removed }
  } finally {
    if (!options.workers) await workers.close()
  }
}

/** Moves the runs of trials that are over and not among the best to the trash; each trial is looked at once. */
class OtherRuns {
  readonly removed = { runs: 0, bytes: 0 }
  readonly #tuning: Tuning
  readonly #root: string
  readonly #ended: EndedTrials
  /** Runs of the study that this one is a copy of. */
  readonly #inherited: ReadonlySet<string>
  /** Among the best so far. */
  #best: readonly Trial[] = []
  /** Stopped early: each may go on. */
  #pruned: Trial[] = []

  constructor(tuning: Tuning, root: string) {
    const { study: { trials }, record: { inherited = 0 } } = tuning
    this.#tuning = tuning
    this.#root = root
    this.#ended = new EndedTrials(trials)
    this.#inherited = new Set(trials.slice(0, inherited).flatMap(runsOfTrial))
  }

  /** Removes those of trials that cannot go on. */
  remove(): void {
    const { front } = this.#tuning.study
    const ended = this.#ended.take()
    for (const trial of ended) if (trial.state === 'pruned') this.#pruned.push(trial)
    this.#removeOf([...this.#best, ...ended.filter(({ state }) => state !== 'pruned')])
    this.#best = front
  }

  /** Removes those of trials that were stopped early, too. */
  removeAll(): void {
    this.remove()
    this.#removeOf(this.#pruned)
    this.#pruned = []
  }

  #removeOf(trials: readonly Trial[]): void {
    const { front } = this.#tuning.study
    const best = new Set(front)
    // A trial that goes on has the runs of the one that it goes on with.
    const kept = new Set([...front, ...this.#ended.open].flatMap(runsOfTrial))
    for (const trial of trials) {
      if (best.has(trial)) continue
      for (const name of runsOfTrial(trial)) {
        if (kept.has(name) || this.#inherited.has(name)) continue
        const bytes = moveToTrash(this.#tuning, trial, this.#root, name)
        if (bytes === undefined) continue
        this.removed.runs++
        this.removed.bytes += bytes
      }
    }
  }
}

/**
 * Moves a run of a trial to the trash. A journal is a file like any other: what it names is removed only where it is
 * the exact name of a run that was trained with the settings of this trial.
 * @returns the bytes of what was moved
 */
function moveToTrash({ experiment, record }: Tuning, trial: Trial, root: string, name: string): number | undefined {
  try {
    const [own = '', id = '', ...more] = name.split('/')
    const run = own === experiment.name && more.length === 0 ? runPlace(root, own, id) : undefined
    if (!run) return undefined
    const { config, ...written } = readRunRecord(run)
    const tuned = Object.keys(trial.params).map(parameter => parameter.split('.')[0] ?? '')
    const wanted: readonly Readonly<Record<string, unknown>>[] = trialRuns(experiment, record, trial)
    const isTrained = wanted.some(settings =>
      [...tuned, 'seed'].every(key => JSON.stringify(config[key]) === JSON.stringify(settings[key])),
    )
    if (written.experiment !== own || written.id !== id || !isTrained) return undefined
    return bytesBelow(replaceRun(root, run).folder)
  } catch (error) {
    // Gone already, or somebody looks at it.
    if (!(error instanceof UserError)) throw error
    return undefined
  }
}
