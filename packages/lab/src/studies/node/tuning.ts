// A study of trainings: from an experiment and a space to a journal on disk, and from a trial to the work of its runs.
import fs from 'node:fs'
import path from 'node:path'
import { ddlfCommand } from '../../command-text.ts'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { findExperiment, parseSettings, type Experiment, type TrainingSettings } from '../../experiment/experiment.ts'
import { requireNoShare } from '../../data-source/held-out-share.ts'
import type { Work } from '../../jobs/workers.ts'
import { checkSpaceOf, trialSettings } from '../trial-settings.ts'
import { defaultSpace, type RateRange } from '../default-space.ts'
import { roundsOf } from '../../experiment/budget.ts'
import { metricOf } from '../../experiment/metric.ts'
import { prunerName, prunerOf, samplerName, samplerOf } from '../named.ts'
import { directionOf, objectivesOf } from '../objective.ts'
import type { Params, Space } from '../space/space.ts'
import { parsePoint, parseSpace } from '../space/space-text.ts'
import { createStudy } from '../create-study.ts'
import type { Study } from '../study.ts'
import type { Trial } from '../trial.ts'
import { checkGiven, countBegun, trialOf } from '../waiting.ts'
import { keptRates } from './learning-rate-file.ts'
import type { Grounds } from '../../runs/run-origin.ts'
import { runsOfTrial, TUNING, tuningRecord, type TuningRecord } from '../tuning-record.ts'
import { readStudy, studyFolder, studyNames, type StudyRecord } from './study-folders.ts'
import { changeNotes, nextGrounds } from './study-grounds.ts'
import { JOURNAL_FILE, openStudyJournal, type StudyJournal } from './study-journal.ts'
import type { TrialTraining } from './trial-training.ts'

/** What {@link openTuning} needs. What is left out is as the study has it, for a new one as stated. */
export interface TuningOptions {
  readonly experiments: readonly Experiment[]
  readonly experiment: string
  /** `key=value`, as on the command line. */
  readonly set?: readonly string[]
  /** `name=range`, as {@link parseSpace} reads it; default: the experiment's own space. */
  readonly space?: readonly string[]
  /** Rates to look through in the default space. */
  readonly rates?: RateRange
  /** The folder that holds all studies. */
  readonly studies: string
  /** The study's name; default: the experiment's. */
  readonly study?: string
  /** Metrics on the validation part, `parameters`, `flop` or `seconds`; default: the experiment's own metric. */
  readonly objectives?: readonly string[]
  /** Default `tpe`. */
  readonly sampler?: string
  /** Default `median`; with repeats `wilcoxon`, with several objectives `none`. */
  readonly pruner?: string
  readonly seed?: number
  /** Runs of a trial that differ in the seed, whose mean counts; default 1. */
  readonly repeats?: number
  readonly command?: readonly string[]
  /** Trials to be run first, `name=value,name=value`, as {@link parsePoint} reads them; what was tried is left out. */
  readonly enqueue?: readonly string[]
  /** Trials go on although something that decides their numbers has changed; their records say so. Default false. */
  readonly changed?: boolean
}

/** An open study of trainings. */
export interface Tuning {
  readonly study: Study
  /** As commands name it: its folder. */
  readonly name: string
  readonly experiment: Experiment
  /** As its journal has it now. */
  readonly record: TuningRecord
  /** Whether the journal held it already. */
  readonly continued: boolean
  /** What a user should know before the first trial. */
  readonly notes: readonly string[]
  /** Whether trials go on although something has changed. */
  readonly changed: boolean
  /** Values that are to be tried first, and were neither tried nor queued before. */
  readonly queued: readonly Params[]
  /** Whether what its next trials are trained on is known to be what the earlier ones were. */
  readonly settled: boolean
  /**
   * Takes what the next trials are trained on, and by, into the record, and what is to be tried first into the study.
   * @returns what a user should know, where the study goes on although something has changed
   * @throws ChangedSince where it is not what the earlier trials were trained on, unless `changed` is set
   */
  settle(grounds: Grounds): readonly string[]
  /** The work of a trial, for workers that know `trial`. */
  work(trial: Trial): Work
  /** Gives the study free for another process; a new one in which no trial was begun leaves nothing. */
  close(): void
}

/** The share held out where the settings hold out none. */
const HELD_OUT = 0.1

/** The settings of every trial, before its parameters. */
function studySettings(
  experiment: Experiment,
  set: readonly string[],
): { readonly settings: TrainingSettings; readonly notes: string[] } {
  const asked = parseSettings(experiment, set)
  if (set.some(text => /^\s*evaluateTest\s*=/.test(text)) && asked.evaluateTest) {
    throw new UserError({
      rule: 'No trial of a study sees the test set.',
      received: 'evaluateTest=true',
      next: `Leave it out. At the end it is read once, by: ${ddlfCommand('tune', 'confirm', '<study>')}`,
    })
  }
  requireNoShare(experiment, asked)
  // A validation part of the data's own serves.
  const hasOwn = experiment.data.parts.includes('validation')
  const holdsOut = hasOwn || asked.validation > 0
  const own = asked as TrainingSettings & { readonly data?: string }
  const place = own.data === undefined || own.data === '' ? {} : { data: path.resolve(own.data) }
  const settings = parseSettings(experiment, {
    ...asked,
    ...place,
    evaluateTest: false,
    validation: holdsOut ? asked.validation : HELD_OUT,
  })
  const share = asked.validation > 0 ? `${Number((100 * asked.validation).toPrecision(3))} %` : 'A tenth'
  const where =
    hasOwn && asked.validation === 0
      ? 'Trials are compared on the validation part of the data.'
      : `${share} of the training data is held out, and trials are compared on it.`
  const last = experiment.data.parts.includes('test')
    ? 'The test set is not read before the best is confirmed.'
    : 'There is no test part: fresh seeds of the best are judged on the same examples.'
  return { settings, notes: [`${where} ${last}`] }
}

const refuse = (name: string, what: string) =>
  new UserError({
    rule: `The study ${name} cannot go on with other settings.`,
    received: what,
    next: 'Give the study its settings of before, or another name with --study.',
  })

/** What is given again for a study that goes on must be what it has. */
function checkSame(name: string, before: TuningRecord, options: TuningOptions, experiment: Experiment): void {
  if (before.experiment !== experiment.name) throw refuse(name, `${experiment.name}; it tunes ${before.experiment}`)
  const { set = [], objectives = [], repeats = before.repeats } = options
  if (set.length > 0) {
    const { settings } = studySettings(experiment, set)
    for (const [key, value] of Object.entries(settings)) {
      if (JSON.stringify(value) !== JSON.stringify(before.settings[key])) {
        throw refuse(name, `${key}=${JSON.stringify(value)}; it has ${JSON.stringify(before.settings[key])}`)
      }
    }
  }
  if (objectives.length > 0 && objectives.join() !== before.objectives.join())
    throw refuse(name, `objectives ${objectives.join(', ')}; it has ${before.objectives.join(', ')}`)
  if (repeats !== before.repeats) throw refuse(name, `${repeats} repeats; it has ${before.repeats}`)
}

/**
 * @param repeats seeds of a trial; undefined where that is not known yet
 * @throws UserError where trials of several objectives would be stopped early, or epochs taken for seeds
 */
export function checkPruner(objectives: readonly string[], pruner: string, repeats?: number): void {
  if (objectives.length > 1 && pruner !== 'none') {
    throw new UserError({
      rule: 'A study of several objectives stops no trial early.',
      received: `--pruner ${pruner}`,
      next: 'Leave the pruner out.',
    })
  }
  // Its test is one of independent pairs, which the epochs of one training are not.
  if (pruner === 'wilcoxon' && repeats === 1) {
    throw new UserError({
      rule: 'The Wilcoxon pruner compares the seeds of trials.',
      received: 'trials of one seed',
      next: `Add --repeats ${FEWEST_SEEDS} or more, or take another pruner.`,
    })
  }
}

/** With fewer seeds Wilcoxon's test has no p below 0.1 (four: 1/16) before the last, when nothing is left to stop. */
const FEWEST_SEEDS = 5

/** What a user should know of a pruner who cannot stop anything. */
const prunerNotes = ({ pruner, repeats }: Pick<TuningRecord, 'pruner' | 'repeats'>): string[] =>
  pruner === 'wilcoxon' && repeats < FEWEST_SEEDS
    ? [`No trial is stopped early: Wilcoxon's test tells nothing of the first ${repeats - 1} of ${repeats} seeds; it ` +
      `takes --repeats ${FEWEST_SEEDS}.`]
    : []

/** @throws UserError where settings of every trial are mistaken */
export const checkSettings = (experiment: Experiment, set: readonly string[]): void => {
  studySettings(experiment, set)
}

/** The record of a new study. */
function newRecord(options: TuningOptions, experiment: Experiment): { record: TuningRecord; notes: string[] } {
  const { set = [], repeats = 1 } = options
  const { settings, notes } = studySettings(experiment, set)
  const objectives = [...objectivesOf(experiment, options.objectives ?? [])]
  const pruner = options.pruner ?? (objectives.length > 1 ? 'none' : repeats > 1 ? 'wilcoxon' : 'median')
  checkPruner(objectives, prunerName(pruner), repeats)
  const record = {
    experiment: experiment.name,
    settings: { ...settings },
    objectives,
    metrics: objectives.map(objective => ({ ...metricOf(experiment.task.metrics, objective) })),
    repeats,
    sampler: samplerName(options.sampler ?? 'tpe'),
    pruner: prunerName(pruner),
    folder: path.resolve(studyFolder(options.studies, options.study ?? experiment.name)),
  }
  return { record, notes: [...notes, ...prunerNotes(record)] }
}

/**
 * The first trials, so many, whose runs are another study's: this one is a copy of it, which lies where it lay. A study
 * that was moved or renamed keeps its runs.
 */
function inheritedTrials(studies: string, before: TuningRecord, { storedName, folder, trials }: StudyRecord): number {
  const origin = before.folder ?? path.resolve(studies, storedName)
  const isElsewhere = fs.existsSync(path.join(origin, JOURNAL_FILE)) && !isSameFolder(origin, folder)
  return isElsewhere ? trials.length : (before.inherited ?? 0)
}

const isSameFolder = (a: string, b: string) => fs.realpathSync(a) === fs.realpathSync(b)

/** How a study trains that goes on, and what a user should know of it. */
function continuedRecord(
  options: TuningOptions,
  name: string,
  existing: StudyRecord,
  experiment: Experiment,
): { record: TuningRecord; notes: string[] } {
  const before = tuningRecord(name, existing.attributes)
  checkSame(name, before, options, experiment)
  const { sampler, pruner, studies } = options
  if (pruner !== undefined) checkPruner(before.objectives, prunerName(pruner), before.repeats)
  const inherited = inheritedTrials(studies, before, existing)
  const isCopied = inherited > (before.inherited ?? 0)
  return {
    record: {
      ...before,
      ...(sampler !== undefined && { sampler: samplerName(sampler) }),
      ...(pruner !== undefined && { pruner: prunerName(pruner) }),
      folder: path.resolve(existing.folder),
      ...(inherited > 0 && { inherited }),
    },
    notes: isCopied
      ? [`The study is a copy: the runs of its first ${inherited} trials belong to the one that it was copied from, ` +
        `and are never removed by it.`]
      : [],
  }
}

/**
 * Opens a study of trainings: a new one, or the one of this name, which goes on.
 * @throws UserError where the experiment, a setting or the space is mistaken, the study has others, or another process
 * works on it
 */
export function openTuning(options: TuningOptions): Tuning {
  checkOptions('openTuning', options, [
    'experiments',
    'experiment',
    'set',
    'space',
    'rates',
    'studies',
    'study',
    'objectives',
    'sampler',
    'pruner',
    'seed',
    'repeats',
    'command',
    'enqueue',
    'changed',
  ])
  const { studies } = options
  const experiment = findExperiment(options.experiments, options.experiment)
  const name = options.study ?? experiment.name
  const folder = studyFolder(studies, name)
  const found = studyNames(studies).includes(name) ? readStudy(studies, name) : undefined
  // Where nothing was tried there is nothing to go on with: such a study takes any settings, as a new one does.
  const isEmpty = found?.trials.length === 0 && TUNING in found.attributes
  const existing = isEmpty ? undefined : found
  const { record, notes } = existing
    ? continuedRecord(options, name, existing, experiment)
    : newRecord(options, experiment)
  const settings = record.settings as TrainingSettings
  const given = options.space ?? []
  const space: Space =
    given.length > 0
      ? parseSpace(given)
      : (existing?.space ??
        defaultSpace(experiment, settings, options.rates ?? keptRates(studies, experiment.name, settings)))
  checkSpaceOf(experiment, record.settings, space)
  const asked = (options.enqueue ?? []).map(parsePoint)
  for (const point of asked) checkGiven(space, point)
  const journal = openStudyJournal(folder, { anew: isEmpty })
  try {
    const steps = record.repeats > 1 ? record.repeats : roundsOf(settings)
    const study = createStudy({
      name: existing?.storedName ?? name,
      space,
      journal,
      sampler: samplerOf(record.sampler),
      pruner: prunerOf(record.pruner, { steps }),
      directions: record.objectives.map(objective => directionOf(experiment, objective)),
      ...(options.seed !== undefined && { seed: options.seed }),
    })
    const continued = existing !== undefined
    const queued = asked.filter(point => trialOf(study.trials, point) === undefined)
    return new OpenTuning(options, { name, study, experiment, journal, notes, continued, queued }, record)
  } catch (error) {
    if (existing) journal.close()
    else journal.discard()
    throw error
  }
}

class OpenTuning implements Tuning {
  readonly study: Study
  readonly name: string
  readonly experiment: Experiment
  readonly continued: boolean
  readonly notes: readonly string[]
  readonly changed: boolean
  readonly queued: readonly Params[]
  readonly #journal: StudyJournal
  readonly #command: readonly string[]
  #record: TuningRecord
  #settled = false

  constructor(
    { command = [], changed = false }: TuningOptions,
    open: Pick<Tuning, 'study' | 'name' | 'experiment' | 'continued' | 'notes' | 'queued'> & {
      readonly journal: StudyJournal
    },
    record: TuningRecord,
  ) {
    this.study = open.study
    this.name = open.name
    this.experiment = open.experiment
    this.continued = open.continued
    this.notes = open.notes
    this.queued = open.queued
    this.changed = changed
    this.#journal = open.journal
    this.#command = command
    this.#record = record
    this.#keep()
  }

  get record(): TuningRecord {
    return this.#record
  }

  get settled(): boolean {
    return this.#settled
  }

  settle(now: Grounds): readonly string[] {
    const { grounds: before = [] } = this.#record
    const grounds = nextGrounds(this.name, before, now, { trials: this.study.trials.length, changed: this.changed })
    this.#settled = true
    this.#record = { ...this.#record, grounds: [...grounds] }
    this.#keep()
    for (const point of this.queued) this.study.enqueue(point, { skipIfExists: true })
    return changeNotes(grounds.slice(before.length))
  }

  work(trial: Trial): Work {
    const { experiment, changed } = this
    const { seconds } = trial.userAttributes
    // Data of the user's own may change while a study runs, and be others where a worker stands.
    const own = experiment.data.own && !changed ? this.#record.grounds?.at(-1)?.data : undefined
    const data: TrialTraining = {
      experiment: experiment.name,
      settings: trialRuns(experiment, this.#record, trial),
      objectives: this.#record.objectives,
      runs: runsOfTrial(trial),
      reported: [...trial.intermediateValues.keys()],
      seconds: typeof seconds === 'number' ? seconds : 0,
      command: this.#command,
      study: { name: this.name, trial: trial.number },
      changed,
      ...(own && { data: own }),
    }
    return { name: 'trial', data, runs: data.runs }
  }

  close(): void {
    if (!this.continued && countBegun(this.study.trials) === 0) this.#journal.discard()
    else this.#journal.close()
  }

  /** Writes down how the study trains, where that is not in its journal. */
  #keep(): void {
    const { study } = this
    const record: unknown = JSON.parse(JSON.stringify(this.#record))
    if (JSON.stringify(record) !== JSON.stringify(study.attributes[TUNING])) study.setStudyAttribute(TUNING, record)
  }
}

/** The settings of the runs of a trial: one, or several that differ in the seed. */
export function trialRuns(
  experiment: Experiment,
  { settings, repeats }: TuningRecord,
  { params }: Pick<Trial, 'params'>,
): TrainingSettings[] {
  const first = trialSettings(experiment, settings, params)
  return Array.from({ length: repeats }, (_, i) => ({ ...first, seed: first.seed + i }))
}
