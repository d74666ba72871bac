// A user's own data, divided as the run that reads them recorded it or anew, and encoded as the model reads them.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { IntakeCounter, refuseLeftOut, subset, type Dataset } from '@ddlf/data'
import { filesBelow } from '@ddlf/data/files-below'
import type { Experiment } from '../../experiment/experiment.ts'
import { oddValues } from '../../own-data/column-encoding.ts'
import { withTokens, type HashingOptions } from '../../own-data/hashed-tokens.ts'
import type { RunRecord } from '../../runs/run-record.ts'
import { divide } from '../../train/divide.ts'
import type { DataIo, DataPart, OwnDataKind } from '../data-source.ts'
import { emptyShare } from '../held-out-share.ts'
import { dataIo, type DataIoOptions } from './data-io.ts'
import type { OwnTrainingData, RunWithData } from './loaded-data.ts'
import { pairEncoding, pairParts, type PairTableSettings } from './own-pairs.ts'
import { pictureParts, type PictureSettings, type ReadingOptions } from './own-pictures.ts'
import { encodeTabular, fitTabular, tableParts, type TabularTableSettings } from './own-tables.ts'
import { checkCut, textEncoding, textParts, type TextSettings } from './own-texts.ts'
import {
  dataChecksum,
  divideAsRecorded,
  listExamples,
  readRecordedSplit,
  standInBoth,
  withClasses,
  type DataChanges,
  type SplitList,
} from './recorded-split.ts'

/** The name of own data among the checksums of a run. */
const OWN = 'own-data'

export interface OwnSettings
  extends Omit<PairTableSettings, 'target'>, TabularTableSettings, HashingOptions, PictureSettings, TextSettings {}

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
export const olderChecksum = ({ data }: RunRecord) => Object.entries(data).find(([name]) => path.isAbsolute(name))

/** What is typed to name own data. */
const exampleOf = ({ name, data: { own } }: Experiment): string => {
  if (own === 'texts') return `npm run ddlf -- train ${name} --data <text file, or folder of them>`
  if (own === 'text-pairs') return `npm run ddlf -- train ${name} --data <pairs.tsv>`
  const columns = own === 'tabular' ? 'target=<column>' : 'text=<column> --set label=<column>'
  const data = own === 'image-folder' ? '<folder with one folder of pictures a class>' : `<file.csv> --set ${columns}`
  return `npm run ddlf -- train ${name} --data ${data}`
}

const TABLE = 'a table (CSV, TSV or JSON Lines)'

/** What own data lie in. */
const OWN_FORMS: Readonly<Record<OwnDataKind, string>> = {
  'image-folder': 'a folder',
  'text-table': TABLE,
  tabular: TABLE,
  'text-pairs': TABLE,
  texts: 'a text file, or a folder of them',
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
  if (experiment.data.own === 'texts' && kind) return data
  if ((isFolder ? kind?.isDirectory() : kind?.isFile()) === true) return data
  const found = kind
    ? `which is a ${kind.isDirectory() ? 'folder' : kind.isFile() ? 'file' : 'device or a pipe'}`
    : 'which does not exist'
  throw new UserError({
    rule: `The data of ${experiment.name} must be ${OWN_FORMS[experiment.data.own ?? 'tabular']}.`,
    received: `${data}, ${found}`,
    next: 'Give the path with --data.',
  })
}

/** @throws UserError where there are no two classes to tell apart, or nothing to test on */
function requireExamples(
  { train, test }: Pick<OwnParts, 'train' | 'test'>, classes: readonly string[], given: object,
): void {
  const predictsClasses = train.columns['labels'] !== undefined
  if ((!predictsClasses || classes.length >= 2) && test.length > 0) return
  const count = `${classes.length} ${classes.length === 1 ? 'class' : 'classes'} (${classes.slice(0, 5).join(', ')}), `
  throw new UserError({
    rule: predictsClasses
      ? 'Telling classes apart takes at least two classes, and examples to test on.'
      : 'A prediction takes examples to test on.',
    received: `${predictsClasses ? count : ''}${train.length} ${train.length === 1 ? 'example' : 'examples'} to ` +
      `learn from, ${test.length} to test on`,
    next: adviceFor(classes.length, train.length + test.length, given),
  })
}

/** Rows of which it may be said what nearly every one has. */
const SEVERAL = 10

/** What to do where classes or examples are too few. */
function adviceFor(classes: number, examples: number, given: object): string {
  const isTable = 'label' in given || 'target' in given
  if (isTable && examples >= SEVERAL && classes > examples / 2) {
    return 'Nearly every row has a class of its own: name another column to predict' +
      `${'kind' in given ? ', or predict a number with kind=regression' : ''}.`
  }
  if (classes !== 1) return 'Add examples, or change testShare.'
  return `Add examples of another class${isTable ? ', or name another column to predict' : ''}.`
}

/** How own data are read. */
export interface OwnDataOptions extends Omit<DataIoOptions, 'of'> {
  readonly of?: RunWithData
  /** Hears of what was read before it is encoded; what it throws is the end. */
  readonly check?: (read: Pick<OwnTrainingData, 'checksums' | 'changes'>) => void
}

/**
 * Loads own data.
 * @throws UserError where they are not there, cannot be read, or leave a part empty
 */
export async function loadOwn(
  experiment: Experiment,
  given: OwnSettings,
  { of, shared = false, onItems, made, check }: OwnDataOptions,
): Promise<OwnTrainingData> {
  const data = await placeOf(experiment, given.data)
  const { classes = [] } = given as Partial<OwnSettings>
  const recorded = of && readRecordedSplit(of.run, of.record)
  // A run's own classes are matched by name below, so that a class that was added since is no mistake.
  const {
    parts: lying,
    looked,
    delimiter,
  } = await ownParts(experiment, data, recorded ? { ...given, classes: [] } : given, {
    shared,
    ...(onItems && { onItems }),
  }, recorded)
  const isOlder = recorded !== undefined && isUndivided(recorded)
  const parts = isOlder ? lying : holdOut(experiment, lying, given, shared)
  const named = ['image-folder', 'texts'].includes(experiment.data.own ?? '') ? 'file' : undefined
  const answered = experiment.data.own === 'text-pairs' ? 'target' : undefined
  const list = Object.fromEntries(
    Object.entries(parts).map(([part, set]: [string, Dataset]) => [part, listExamples(set, { named, answered })]),
  )
  if (recorded && experiment.data.own === 'texts') checkCut(list, recorded)
  const again = recorded && asRecorded(parts, list, recorded, { classes, shared })
  const { train, test, validation } = again?.parts ?? parts
  const found = again ? classes : (parts.train.classes ?? [])
  requireExamples({ train, test }, found, given)
  if (given.strict && train.intake) refuseLeftOut(train.intake, data)
  const changes = [
    ...(again?.changes ?? []),
    ...(isOlder && again && again.changes.length > 0
      ? drawnAnew(experiment, train, given, validation !== undefined)
      : []),
  ]
  const older = of && !recorded ? olderChecksum(of.record) : undefined
  const checksums = older
    ? { [older[0]]: await contentChecksum(data) }
    : { [OWN]: dataChecksum({ ...parts }, list, answered) }
  check?.({ checksums, changes })
  const { io, artifacts } = dataIo({ shared, ...(of && { of }), ...(made && { made }) })
  const { settings, encode, notes } = await encodingOf(
    experiment,
    {
      ...given,
      ...looked,
      data,
      ...('classes' in given && { classes: found }),
      ...(given.testData && { testData: path.resolve(given.testData) }),
    },
    { train, test, ...(validation && { validation }) },
    { isDivided: validation !== undefined, delimiter, io, ...(onItems && { onItems }) },
  )
  const held = validation && validation.length > 0 ? { validation: encode(validation, 'validation') } : {}
  return {
    train: encode(train, 'train', shared),
    test: encode(test, 'test'),
    ...held,
    settings,
    checksums,
    notes: [...notes, ...standInBoth(recorded ?? list)],
    split: recorded ?? list,
    artifacts: artifacts(),
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

/**
 * Takes from the training part what nothing is learned from: the share that `validation` holds out, and what
 * `trainExamples` leaves.
 */
function holdOut(
  experiment: Experiment,
  { train: whole, ...parts }: OwnParts,
  settings: OwnSettings,
  shared: boolean,
): OwnParts {
  // Texts are divided by document where they are read.
  if (experiment.trainingSet || experiment.data.own === 'texts') return { train: whole, ...parts }
  const {
    train: used,
    indices,
    validation,
    order,
  } = divide(experiment, whole, settings, parts.validation !== undefined)
  if (validation?.length === 0) throw emptyShare(settings, used.length)
  const rest = Array.from({ length: whole.length - used.length }, (_, k) => order?.[used.length + k] ?? used.length + k)
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
  return count === 0 ? [] : [{ reason: 'of the validation part drawn anew, for the run is of an older version and ' +
    'does not list them: some may have been trained on', count, first: [] }]
}

/** Reads own data, divided as they lie or by the seed, and what was found by looking at them. */
async function ownParts(
  experiment: Experiment,
  data: string,
  given: OwnSettings,
  reading: ReadingOptions,
  recorded?: SplitList,
): Promise<{
  readonly parts: OwnParts
  readonly looked: Partial<OwnSettings>
  readonly delimiter?: string | undefined
}> {
  if (experiment.data.own === 'image-folder') return { parts: await pictureParts(data, given, reading), looked: {} }
  if (experiment.data.own === 'texts') return { parts: await textParts(data, given, reading, recorded), looked: {} }
  if (experiment.data.own === 'text-pairs') {
    const { settings: { source, target }, ...parts } = await pairParts(data, given)
    return { parts, looked: { source, target } }
  }
  const { settings, delimiter, ...parts } = await tableParts(experiment, data, given)
  const { kind } = settings as Partial<TabularTableSettings>
  return { parts, looked: kind === undefined ? {} : { kind }, delimiter }
}

/** How examples become what the model reads, with the settings that the training part decides. */
async function encodingOf(
  { data: { own }, ...experiment }: Experiment,
  given: OwnSettings,
  parts: OwnParts,
  { isDivided, delimiter, io, ...reading }: ReadingOptions & {
    readonly isDivided: boolean
    readonly delimiter: string | undefined
    readonly io: DataIo
  },
): Promise<{
  readonly settings: OwnSettings
  readonly encode: (set: Dataset, part: DataPart, shared?: boolean) => Dataset
  readonly notes: readonly string[]
}> {
  if (own === 'texts') {
    const { settings, ...encoding } = await textEncoding(given, parts, io, reading)
    return { ...encoding, settings: { ...given, ...settings } }
  }
  if (own === 'text-pairs') {
    const { settings, ...encoding } = await pairEncoding(given, parts, io)
    return { ...encoding, settings: { ...given, ...settings } }
  }
  if (own === 'text-table')
    return { settings: given, encode: (set, _, shared) => withTokens(set, given, shared), notes: [] }
  if (own !== 'tabular') return { settings: given, encode: set => set, notes: [] }
  const { train: used, indices } = divide(experiment, parts.train, given, isDivided)
  const { settings, notes: fitted } = fitTabular(given, used, delimiter, indices)
  // Of what was learned from, the fitting tells.
  const odd = Object.entries({ validation: parts.validation, test: parts.test }).flatMap(([part, set]) =>
    oddValues(set?.text ?? {}, settings.encoding).map(note => `${part} part, ${note}`),
  )
  const notes = [...fitted, ...odd]
  const encode = (set: Dataset, _: DataPart, shared?: boolean) => encodeTabular(set, settings, shared)
  return { settings: { ...given, ...settings }, encode, notes }
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
