// From an experiment and its settings to the data it learns from: a published set, or the user's own with its checksum.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { datasetCard, IntakeCounter, refuseLeftOut, subset, type Dataset } from '@ddlf/data'
import { filesBelow } from '@ddlf/data/files-below'
import { loadDataset, locateEdition, type OnItems } from '@ddlf/data/node'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'
import { withTokens, type HashingOptions } from '../../own-data/hashed-tokens.ts'
import { nameOfRun, type RunFolder } from '../../runs/run-place.ts'
import type { RunRecord } from '../../runs/run-record.ts'
import { divide, learnedFrom } from '../../train/divide.ts'
import type { DataIo, DataPart } from '../data-source.ts'
import { columnChecksums } from './column-checksums.ts'
import { pictureParts, type PictureSettings, type ReadingOptions } from './own-pictures.ts'
import { encodeTabular, fitTabular, tableParts, type TableSettings, type TabularTableSettings } from './own-tables.ts'
import { changeLine, dataChecksum, divideAsRecorded, listExamples, readRecordedSplit, withClasses, type DataChanges, type SplitList } from './recorded-split.ts'

/** What a training reads. */
export interface TrainingData {
  readonly train: Dataset
  /** Absent where nobody has set a test part aside: `validation` judges then. */
  readonly test?: Dataset
  /** Examples for choosing the best checkpoint: a part of their own, or the share that `validation` holds out of own data. */
  readonly validation?: Dataset
  /** The settings with what the data decide filled in: the classes found, and the absolute path. */
  readonly settings: TrainingSettings
  /** SHA-256 by file of a published set, or one for all that own data hold: it follows their content, not their place. */
  readonly checksums: Readonly<Record<string, string>>
  /** Of own data: which example is in which part, for the run to keep. */
  readonly split?: SplitList
  /** Of a run's own data: how they differ from what it recorded. */
  readonly changes?: DataChanges
  /** What a user should know of how own data were read. */
  readonly notes?: readonly string[]
}

/** Own data, of which a test part is always set aside. */
export interface OwnTrainingData extends TrainingData {
  readonly test: Dataset
}

/** A run whose data are wanted again. */
export interface RunWithData {
  readonly run: RunFolder
  readonly record: RunRecord
}

/** The name of own data among the checksums of a run. */
const OWN = 'own-data'

interface OwnSettings extends TableSettings, TabularTableSettings, HashingOptions, PictureSettings {
  readonly strict: boolean
}

/** SHA-256 over the names and the contents of all files of a folder, or over one file; hidden files do not count. */
export async function contentChecksum(root: string): Promise<string> {
  const isFolder = (await stat(root)).isDirectory()
  const names = isFolder ? filesBelow(root).filter(name => !path.basename(name).startsWith('.')) : ['']
  const hash = createHash('sha256')
  for (const name of names) {
    const file = path.join(root, name)
    hash.update(`${name}\0${(await stat(file)).size}\0`)
    for await (const part of createReadStream(file)) hash.update(part as Buffer)
  }
  return hash.digest('hex')
}

/** The checksum of own data in a run of an older version, by the path that they had. */
const olderChecksum = ({ data }: RunRecord) => Object.entries(data).find(([name]) => path.isAbsolute(name))

/** What is typed to name own data. */
const exampleOf = ({ name, data: { own } }: Experiment): string => {
  const columns = own === 'tabular' ? 'target=<column>' : 'text=<column> --set label=<column>'
  const data = own === 'image-folder' ? '<folder with one folder of pictures a class>' : `<file.csv> --set ${columns}`
  return `npm run ddlf -- train ${name} --data ${data}`
}

/** The absolute path of own data. @throws UserError where none is given, or nothing of the right kind is there */
async function placeOf(experiment: Experiment, given: string): Promise<string> {
  if (given === '') {
    throw new UserError({
      rule: `${experiment.name} needs data of your own.`,
      received: 'no path',
      next: exampleOf(experiment),
    })
  }
  const data = path.resolve(given)
  const kind = await stat(data).catch(() => undefined)
  const isFolder = experiment.data.own === 'image-folder'
  if ((isFolder ? kind?.isDirectory() : kind?.isFile()) === true) return data
  const found = kind ? `which is a ${kind.isDirectory() ? 'folder' : 'file'}` : 'which does not exist'
  throw new UserError({
    rule: isFolder
      ? 'The data of image-folder must be a folder.'
      : `The data of ${experiment.name} must be a CSV or TSV file.`,
    received: `${data}, ${found}`,
    next: 'Give the path with --data.',
  })
}

/** @throws UserError where there are no two classes to tell apart, or nothing to test on */
function requireExamples(train: Dataset, test: Dataset, classes: readonly string[]): void {
  const predictsClasses = train.columns['labels'] !== undefined
  if ((!predictsClasses || classes.length >= 2) && test.length > 0) return
  const count = `${classes.length} ${classes.length === 1 ? 'class' : 'classes'} (${classes.slice(0, 5).join(', ')}), `
  throw new UserError({
    rule: predictsClasses
      ? 'Telling classes apart takes at least two classes, and examples to test on.'
      : 'A prediction takes examples to test on.',
    received: `${predictsClasses ? count : ''}${train.length} examples to learn from, ${test.length} to test on`,
    next: 'Add examples, or change testShare.',
  })
}

async function loadOwn(
  experiment: Experiment,
  given: OwnSettings,
  { of, shared = false, onItems }: Pick<TrainingDataOptions, 'of' | 'shared' | 'onItems'>,
): Promise<OwnTrainingData> {
  const data = await placeOf(experiment, given.data)
  const { classes } = given
  const recorded = of && readRecordedSplit(of.run, of.record)
  // A run's own classes are matched by name below, so that a class that was added since is no mistake.
  const {
    parts: lying,
    looked,
    delimiter,
  } = await ownParts(experiment, data, recorded ? { ...given, classes: [] } : given, {
    shared,
    ...(onItems && { onItems }),
  })
  const isOlder = recorded !== undefined && isUndivided(recorded)
  const parts = isOlder ? lying : holdOut(experiment, lying, given, shared)
  const named = experiment.data.own === 'image-folder' ? 'file' : undefined
  const list = Object.fromEntries(
    Object.entries(parts).map(([part, set]: [string, Dataset]) => [part, listExamples(set, named)]),
  )
  const again = recorded && asRecorded(parts, list, recorded, { classes, shared })
  const { train, test, validation } = again?.parts ?? parts
  const found = again ? classes : (parts.train.classes ?? [])
  requireExamples(train, test, found)
  if (given.strict && train.intake) refuseLeftOut(train.intake, data)
  const { settings, encode, notes } = encodingOf(
    experiment,
    {
      ...given,
      ...(experiment.data.own === 'tabular' && looked),
      data,
      classes: found,
      ...(given.testData && { testData: path.resolve(given.testData) }),
    },
    train,
    { isDivided: validation !== undefined, delimiter },
  )
  const changes = [
    ...(again?.changes ?? []),
    ...(isOlder && again && again.changes.length > 0
      ? drawnAnew(experiment, train, given, validation !== undefined)
      : []),
  ]
  const older = of && !recorded ? olderChecksum(of.record) : undefined
  const checksums = older ? { [older[0]]: await contentChecksum(data) } : { [OWN]: dataChecksum({ ...parts }, list) }
  const held = validation && validation.length > 0 ? { validation: encode(validation) } : {}
  return {
    train: encode(train, shared),
    test: encode(test),
    ...held,
    settings,
    checksums,
    notes,
    split: recorded ?? list,
    changes,
  }
}

/** Own data in parts. */
interface OwnParts {
  readonly train: Dataset
  readonly test: Dataset
  readonly validation?: Dataset
  /** Training examples that the setting `trainExamples` leaves: nothing is learned from them. */
  readonly unused?: Dataset
}

/** Whether a list, of an older version, holds what is validated on and what is not used among what is trained on. */
const isUndivided = (list: SplitList) => list['validation'] === undefined && list['unused'] === undefined

/** Takes from the training part what nothing is learned from: the share that `validation` holds out, and what `trainExamples` leaves. */
function holdOut(
  experiment: Experiment,
  { train: whole, ...parts }: OwnParts,
  settings: OwnSettings,
  shared: boolean,
): OwnParts {
  if (experiment.trainingSet) return { train: whole, ...parts }
  const {
    train: used,
    indices,
    validation,
  } = divide(experiment, whole, settings, parts.validation !== undefined)
  if (validation?.length === 0) {
    throw new UserError({
      rule: 'The share that is held out for validation must hold an example.',
      received: `validation=${settings.validation} of ${used.length} training examples`,
      next: 'Give a larger share, or validation=0.',
    })
  }
  const rest = Array.from({ length: whole.length - used.length }, (_, k) => used.length + k)
  return {
    ...parts,
    train: indices ? subset(used, indices, shared) : used,
    ...(validation && { validation }),
    ...(rest.length > 0 && { unused: subset(whole, rest) }),
  }
}

/** Says of a run of an older version that what it held out of changed data is not what it held out before. */
function drawnAnew(experiment: Experiment, train: Dataset, settings: OwnSettings, isDivided: boolean): DataChanges {
  const count = divide(experiment, train, settings, isDivided).validation?.length ?? 0
  return count === 0 ? [] : [{ reason: 'of the validation part drawn anew, for the run is of an older version and does not list them: some may have been trained on', count, first: [] }]
}

/** Reads own data, divided as they lie or by the seed, and what was found by looking at them. */
async function ownParts(
  experiment: Experiment,
  data: string,
  given: OwnSettings,
  reading: ReadingOptions,
): Promise<{
  readonly parts: OwnParts
  readonly looked: Partial<TabularTableSettings>
  readonly delimiter?: string | undefined
}> {
  if (experiment.data.own === 'image-folder') return { parts: await pictureParts(data, given, reading), looked: {} }
  const { settings, delimiter, ...parts } = await tableParts(experiment, data, given)
  return {
    parts,
    looked: { kind: (settings as Partial<TabularTableSettings>).kind } as Partial<TabularTableSettings>,
    delimiter,
  }
}

/** How examples become what the model reads, with the settings that the training part decides. */
function encodingOf(
  experiment: Experiment,
  given: OwnSettings,
  train: Dataset,
  { isDivided, delimiter }: { readonly isDivided: boolean; readonly delimiter: string | undefined },
): {
  readonly settings: OwnSettings
  readonly encode: (set: Dataset, shared?: boolean) => Dataset
  readonly notes: readonly string[]
} {
  if (experiment.data.own === 'text-table')
    return { settings: given, encode: (set, shared) => withTokens(set, given, shared), notes: [] }
  if (experiment.data.own !== 'tabular') return { settings: given, encode: set => set, notes: [] }
  const { train: used, indices } = divide(experiment, train, given, isDivided)
  const { settings, notes } = fitTabular(given, used, delimiter, indices)
  return { settings: { ...given, ...settings }, encode: (set, shared) => encodeTabular(set, settings, shared), notes }
}

/** Divides own data as a run recorded it, with the numbers of the run's classes. */
function asRecorded(
  fresh: OwnParts,
  list: SplitList,
  recorded: SplitList,
  { classes, shared }: { readonly classes: readonly string[]; readonly shared: boolean },
) {
  const sets: Record<string, Dataset> = {}
  const known: Record<string, SplitList[string]> = {}
  const strangers = new IntakeCounter('examples')
  for (const [part, set] of Object.entries<Dataset>({ ...fresh })) {
    const matched = set.columns['labels'] ? withClasses(set, classes) : { known: set, unknown: [] }
    const unknown = new Set(matched.unknown)
    const examples = list[part] ?? []
    sets[part] = matched.known
    known[part] = examples.filter((_, i) => !unknown.has(i))
    for (const i of unknown)
      strangers.leaveOut('of classes that the run does not know, left out', examples[i]?.name ?? '')
  }
  const { parts, changes } = divideAsRecorded(sets, known, recorded, shared)
  return { parts: parts as unknown as OwnParts, changes: [...changes, ...strangers.result().leftOut] }
}

/** The refusal to go on with data that are not those a run began with. */
function assertSame({ checksums, changes = [] }: TrainingData, { record }: RunWithData, next: string): void {
  for (const [name, sha256] of Object.entries(checksums)) {
    const before = record.data[name]
    if (before === undefined || before === sha256) continue
    const received = `${name}: ${changeLine(changes) ?? 'other names or labels'} (SHA-256 ${sha256.slice(0, 12)}… instead of ${before.slice(0, 12)}…)`
    throw new UserError({ rule: 'The data of the run have changed since it began.', received, next })
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
  /**
   * The run is to be trained on: with the same own data, or also with changed ones. Left out: it is only looked at, and
   * `changes` says what differs.
   */
  readonly resume?: 'same' | 'changed'
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
  checkOptions('loadTrainingData', options, ['shared', 'of', 'onItems', 'resume'])
  const { shared = false, of, resume, onItems } = options
  const { data: { load, parts } } = experiment
  if (load) {
    const { io, checksums } = publishedSets(shared)
    // What a run must not see is not read.
    const isRead = (name: DataPart) => parts.includes(name) && (name !== 'test' || settings.evaluateTest)
    const part = (name: DataPart) => (isRead(name) ? load(name, settings, io) : undefined)
    const [train, validation, test] = [await load('train', settings, io), await part('validation'), await part('test')]
    const given = { train, ...(validation && { validation }), ...(test && { test }) }
    const files = checksums()
    const isInFiles = Object.keys(files).length > 0
    return { ...given, settings, checksums: isInFiles ? files : columnChecksums(experiment.data.name, given) }
  }
  const { test, ...divided } = await loadOwn(experiment, settings as OwnSettings, {
    shared,
    ...(of && { of }),
    ...(onItems && { onItems }),
  })
  const loaded = { ...divided, ...(settings.evaluateTest && { test }) }
  if (!of) return loaded
  if (resume === 'same') assertSame(loaded, of, `Put the data back as they were, or go on all the same with: npm run ddlf -- resume ${nameOfRun(of.run)} --changed`)
  // Without a list nobody can tell which of changed data were trained on.
  if (!resume && olderChecksum(of.record)) assertSame(loaded, of, 'Put the data back as they were: this run, of an older version, does not say which of them it learned from.')
  return loaded
}

/** Published sets as a source asks for them, and the checksums of their files. */
function publishedSets(shared: boolean): { readonly io: DataIo; readonly checksums: () => Record<string, string> } {
  const asked = new Set<string>()
  return {
    io: {
      dataset: (id, split) => {
        asked.add(id)
        // A loader's thread reads what is trained on in place.
        return loadDataset(id, { split, shared: shared && split === 'train' })
      },
    },
    checksums: () => Object.fromEntries([...asked].flatMap(id =>
      (locateEdition(datasetCard(id))?.files ?? []).map(({ file }) => [`${id}/${file.name}`, file.sha256]))),
  }
}

const noPart = (split: string) => split === 'validation'
  ? new UserError({
      rule: 'The run held out no validation set.', received: 'validation=0 in its settings', next: 'Use the split train or test.',
    })
  : new UserError({
      rule: 'The data of the run have no such part.', received: split, next: 'Use the split validation: it judged the run.',
    })

/** A part of published data: of `train` what was learned from, and any other split that the set has. */
async function publishedSplit(experiment: Experiment, settings: TrainingSettings, split: string): Promise<Dataset> {
  const { io } = publishedSets(false)
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
 * run's settings hold out of the training data), or any other split of a published set. Own data are divided as the run recorded it, so what it was trained on is
 * never in another part, whatever has been added, renamed or moved since. Where a run of an older version did not record
 * what it held out, that is drawn again by the seed, and `changes` says so if the data are not as they were.
 * @throws UserError where there is no such split, or the data cannot be had
 */
export async function loadSplit({ experiment, settings, ...of }: RunOfExperiment, split: string): Promise<RunSplit> {
  if (!experiment.data.own) return { dataset: await publishedSplit(experiment, settings, split), changes: [] }
  if (!['train', 'test', 'validation'].includes(split)) {
    throw new UserError({ rule: 'Own data have the splits train, test and validation.', received: split })
  }
  const { train, test, validation, changes = [] } = await loadTrainingData(experiment, settings, { of })
  const divided = divide(experiment, train, settings, validation !== undefined)
  const dataset = split === 'test' ? test : split === 'train' ? learnedFrom(divided) : (validation ?? divided.validation)
  if (!dataset) throw noPart(split)
  return { dataset, changes }
}
