// From an experiment and its settings to the data it learns from: a published set, or the user's own with its checksum.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Dataset } from '@ddlf/data'
import type { OnItems } from '@ddlf/data/node'
import {
  givenSettings, isFoundSetting, parseSettings, type Experiment, type TrainingSettings,
} from '../../experiment/experiment.ts'
import { ChangedSince } from '../../runs/changed-since.ts'
import { nameOfRun } from '../../runs/run-place.ts'
import { divide, learnedFrom } from '../../train/divide.ts'
import { judgedPart, type Artifacts, type DataPart, type JudgedPart } from '../data-source.ts'
import { requireSameDivision } from '../held-out-share.ts'
import { tokenizerArtifact } from '../text-stream.ts'
import { columnChecksums } from './column-checksums.ts'
import { dataIo, type DataIoOptions } from './data-io.ts'
import type { RunWithData, TrainingData } from './loaded-data.ts'
import { loadOwn, olderChecksum, type OwnSettings } from './own-training-data.ts'
import { changeLine, type DataChanges } from './recorded-split.ts'

export type { TrainingData } from './loaded-data.ts'

/** What is known of own data before they are encoded. */
type ReadData = Pick<TrainingData, 'checksums' | 'changes'>

/** The refusal to go on with data that are not those a run began with. */
function assertSame({ checksums, changes = [] }: ReadData, { record }: RunWithData, next: string): void {
  for (const [name, sha256] of Object.entries(checksums)) {
    const before = record.data[name]
    if (before === undefined || before === sha256) continue
    const received = `${name}: ${changeLine(changes) ?? 'other names or labels'} (SHA-256 ${sha256.slice(0, 12)}… ` +
      `instead of ${before.slice(0, 12)}…)`
    throw new ChangedSince({ rule: 'The data of the run have changed since it began.', received, next })
  }
}

/** @throws UserError where a run must not go on, or be looked at, with data that have changed */
function assertFitting(read: ReadData, of: RunWithData, resume: TrainingDataOptions['resume']): void {
  if (resume === 'same') {
    const command = `npm run ddlf -- resume ${nameOfRun(of.run)} --changed`
    assertSame(read, of, `Put the data back as they were, or go on all the same with: ${command}`)
  }
  // Without a list nobody can tell which of changed data were trained on.
  if (!resume && olderChecksum(of.record)) {
    const why = 'this run, of an older version, does not say which of them it learned from'
    assertSame(read, of, `Put the data back as they were: ${why}.`)
  }
}

/** How training data are loaded. */
export interface TrainingDataOptions {
  /** Numbers of the training part in memory that threads share. */
  readonly shared?: boolean
  /** The run whose own data these are: they are divided as it recorded, and compared with what it recorded. */
  readonly of?: RunWithData
  /** Hears how many pictures of own data are read. */
  readonly onItems?: OnItems
  /** The content of a tokenizer.json to use where the settings leave the tokenizer as it is by default. */
  readonly tokenizer?: string
  /**
   * The run is to be trained on: with the same own data, or also with changed ones. Left out: it is only looked at, and
   * `changes` says what differs.
   */
  readonly resume?: 'same' | 'changed'
}

/** What the data decided. @throws UserError where the experiment has no setting that keeps it */
function kept(
  { config, name }: Experiment,
  found: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const missing = Object.keys(found).filter(setting => !Object.hasOwn(config.shape, setting))
  if (missing.length === 0) return found
  throw new UserError({
    rule: 'What the data decide is kept among the settings, so that a run alone tells what its model is.',
    received: `${name} without the setting ${missing.join(', ')}`,
    next: `Add it to its config: ${missing.map(setting => `${setting}: z.number().default(0)`).join(', ')}`,
  })
}

/** What a user is told who chose what the data decide. */
function overruled(experiment: Experiment, asked: TrainingSettings, settled: TrainingSettings): readonly string[] {
  const textOf = (settings: object, name: string) =>
    JSON.stringify((settings as Readonly<Record<string, unknown>>)[name])
  const differ = Object.keys(asked)
    .filter(name => isFoundSetting(experiment, name) && textOf(asked, name) !== textOf(settled, name))
  const usual = differ.length === 0 ? {} : parseSettings(experiment)
  const texts = differ
    .filter(name => textOf(asked, name) !== textOf(usual, name))
    .map(name => `${name}=${textOf(asked, name)} (the data have ${textOf(settled, name)})`)
  return texts.length === 0 ? [] : [`without effect: ${texts.join(', ')}`]
}

/** The tokenizer of the run that a new one begins from: it goes on with the same, unless it is to have another. */
function inheritedTokenizer(
  experiment: Experiment,
  settings: TrainingSettings,
  { tokenizer }: TrainingDataOptions,
): Pick<DataIoOptions, 'made'> {
  const given = givenSettings(experiment, settings)
  const isAsked = given['tokenizer'] !== undefined || given['vocabularySize'] !== undefined
  return tokenizer === undefined || isAsked ? {} : { made: { [tokenizerArtifact]: tokenizer } }
}

/** What a user is told whose weights know the ids of another tokenizer than the one that the data are read by. */
function otherTokenizer(artifacts: Artifacts, { tokenizer }: TrainingDataOptions): readonly string[] {
  const own = artifacts[tokenizerArtifact]
  if (tokenizer === undefined || own === undefined || own === tokenizer) return []
  return ['has another tokenizer than the run that it starts from: its weights know other tokens']
}

/**
 * Loads the data of an experiment, fetching a published set where it is missing.
 * @throws UserError where the data cannot be had, are damaged, or changed since the run began and must not
 */
export async function loadTrainingData(
  experiment: Experiment,
  settings: TrainingSettings,
  options: TrainingDataOptions = {},
): Promise<TrainingData> {
  checkOptions('loadTrainingData', options, ['shared', 'of', 'onItems', 'resume', 'tokenizer'])
  const { shared = false, of, resume, onItems } = options
  const tokenizer = inheritedTokenizer(experiment, settings, options)
  const { data: { load, parts, settle } } = experiment
  if (load) {
    const { io, checksums, artifacts } = dataIo({
      shared,
      ...(of && { of }),
      ...(onItems && { onItems }),
      ...tokenizer,
    })
    const settled = { ...settings, ...kept(experiment, (await settle?.(settings, io)) ?? {}) }
    // What a run must not see is not read.
    const isRead = (name: DataPart) => parts.includes(name) && (name !== 'test' || settings.evaluateTest)
    const part = (name: DataPart) => (isRead(name) ? load(name, settled, io) : undefined)
    const [train, validation, test] = [await load('train', settled, io), await part('validation'), await part('test')]
    const given = { train, ...(validation && { validation }), ...(test && { test }) }
    const files = checksums()
    const isInFiles = Object.keys(files).length > 0
    return {
      ...given,
      settings: settled,
      checksums: isInFiles ? files : columnChecksums(experiment.data.name, given),
      artifacts: artifacts(),
      notes: [...otherTokenizer(artifacts(), options), ...overruled(experiment, settings, settled)],
    }
  }
  const { test, notes = [], ...divided } = await loadOwn(experiment, settings as OwnSettings, {
    shared,
    ...(of && { of, check: (read: ReadData) => assertFitting(read, of, resume) }),
    ...(onItems && { onItems }),
    ...tokenizer,
  })
  return {
    ...divided,
    notes: [
      ...notes,
      ...otherTokenizer(divided.artifacts ?? {}, options),
      ...overruled(experiment, settings, divided.settings),
    ],
    ...(settings.evaluateTest && { test }),
  }
}

/**
 * Of loaded data the part that judges a run, and its name.
 * @param settings those of the run
 * @throws UserError where nothing is held out
 */
export function judgedData(
  experiment: Experiment,
  settings: TrainingSettings,
  { train, validation, test }: Pick<TrainingData, 'train' | 'validation' | 'test'>,
): { readonly part: JudgedPart; readonly dataset: Dataset } {
  const part = judgedPart(experiment.data, settings)
  if (part === 'validation') requireSameDivision(experiment, settings, 'Train it anew.')
  const dataset =
    part === 'test' ? test : (validation ?? divide(experiment, train, settings, false).validation)
  if (dataset) return { part, dataset }
  throw new UserError({
    rule: 'A model is judged on a test or a validation part.',
    received: `neither in ${experiment.data.name}, with validation=${settings.validation} and ` +
      `evaluateTest=${settings.evaluateTest}`,
    next: 'Hold out examples, for example validation=0.1, or leave evaluateTest as it is by default.',
  })
}

const noPart = (split: string) =>
  split === 'validation'
    ? new UserError({
        rule: 'The run held out no validation set.',
        received: 'validation=0 in its settings',
        next: 'Use the split train or test.',
      })
    : new UserError({
        rule: 'The data of the run have no such part.',
        received: split,
        next: 'Use the split validation: it judged the run.',
      })

/** A part of published data: of `train` what was learned from, and any other split that the set has. */
async function publishedSplit({ experiment, settings, ...of }: RunOfExperiment, split: string): Promise<Dataset> {
  if (split === 'train' || split === 'validation')
    requireSameDivision(experiment, settings, 'Use the split test, or train it anew.')
  const { io } = dataIo({ of })
  const { data: { name, parts, load } } = experiment
  const isPart = (parts as readonly string[]).includes(split)
  if (load && isPart && split !== 'train') return load(split as DataPart, settings, io)
  if (load && (split === 'train' || split === 'validation')) {
    const whole = await load('train', settings, io)
    const divided = divide(experiment, whole, settings, parts.includes('validation'))
    const found = split === 'train' ? learnedFrom(divided) : divided.validation
    if (found) return found
  } else if (parts.includes('test')) return io.dataset(name, split)
  throw noPart(split)
}

/** A run, and what it is a run of. */
export interface RunOfExperiment extends RunWithData {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
}

/** A part of the data of a run. */
export interface RunSplit {
  readonly dataset: Dataset
  /** How own data differ from what the run recorded; empty for published sets. */
  readonly changes: DataChanges
}

/**
 * One split of the data of a run: `train` (what it learned from), `test`, `validation` (a part of its own, or what the
 * run's settings hold out of the training data), or any other split of a published set. Own data are divided as the run
 * recorded it, so what it was trained on is never in another part, whatever has been added, renamed or moved since.
 * Where a run of an older version did not record what it held out, that is drawn again by the seed, and `changes` says
 * so if the data are not as they were.
 * @throws UserError where there is no such split, or the data cannot be had
 */
export async function loadSplit(asked: RunOfExperiment, split: string): Promise<RunSplit> {
  const { experiment, settings, ...of } = asked
  if (!experiment.data.own) return { dataset: await publishedSplit(asked, split), changes: [] }
  if (!['train', 'test', 'validation'].includes(split)) {
    throw new UserError({
      rule: 'Own data have the splits train, test and validation.', received: split, next: 'Name one of them.',
    })
  }
  const { train, test, validation, changes = [] } = await loadTrainingData(experiment, settings, { of })
  const divided = divide(experiment, train, settings, validation !== undefined)
  const dataset =
    split === 'test' ? test : split === 'train' ? learnedFrom(divided) : (validation ?? divided.validation)
  if (!dataset) throw noPart(split)
  return { dataset, changes }
}
