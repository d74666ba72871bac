// From an experiment and its settings to the data it learns from: a published set, or the user's own with its checksum.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '@ddlf/tensor'
import { datasetCard, splitDataset, type Dataset } from '@ddlf/data'
import { loadDataset, locateEdition, openDataset, type OpenOptions } from '@ddlf/data/node'
import type { Experiment, TrainingSettings } from '../../experiment.ts'
import { withTokens } from '../../own-data/hashed-tokens.ts'
import { divide } from '../train.ts'

/** What a training reads. */
export interface TrainingData {
  readonly train: Dataset
  readonly test: Dataset
  /** The settings with what the data decide filled in: the classes found, and the absolute path. */
  readonly settings: TrainingSettings
  /** SHA-256 by file of a published set, or by the path of own data: one for all it holds. */
  readonly checksums: Readonly<Record<string, string>>
}

interface OwnSettings extends TrainingSettings {
  readonly data: string
  readonly classes: readonly string[]
  readonly testShare: number
  readonly splitSeed: number
  readonly size: number
  readonly grey: boolean
  readonly text: string
  readonly label: string
  readonly delimiter: string
  readonly header: boolean | 'auto'
  readonly ngrams: number
  readonly buckets: number
  readonly maxTokens: number
}

/** Every file below a path, sorted by name; the path itself where it is a file. */
async function filesBelow(root: string): Promise<string[]> {
  if (!(await stat(root)).isDirectory()) return [root]
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
}

/** SHA-256 over the names and the contents of all files of a folder, or over one file. */
export async function contentChecksum(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await filesBelow(root)) {
    hash.update(`${path.relative(root, file).split(path.sep).join('/')}\0${(await stat(file)).size}\0`)
    for await (const part of createReadStream(file)) hash.update(part as Buffer)
  }
  return hash.digest('hex')
}

async function loadOwn(experiment: Experiment, given: OwnSettings): Promise<TrainingData> {
  if (given.data === '') {
    throw new UserError({
      rule: `${experiment.name} needs data of your own.`,
      received: 'no path',
      next: experiment.own === 'image-folder'
        ? `ddlf train ${experiment.name} --data <folder with one folder of pictures a class>`
        : `ddlf train ${experiment.name} --data <file.csv> --set text=<column> --set label=<column>`,
    })
  }
  const data = path.resolve(given.data)
  const kind = await stat(data).catch(() => undefined)
  const fits = experiment.own === 'image-folder' ? kind?.isDirectory() : kind?.isFile()
  if (fits !== true) {
    throw new UserError({
      rule: experiment.own === 'image-folder' ? 'The data of image-folder must be a folder.' : 'The data of text-table must be a CSV or TSV file.',
      received: kind ? `${data}, which is a ${kind.isDirectory() ? 'folder' : 'file'}` : `${data}, which does not exist`,
      next: 'Give the path with --data.',
    })
  }
  const { classes, testShare, splitSeed, size, grey, text, label, delimiter, header } = given
  const fixed = classes.length > 0 ? { classes } : {}
  const form: OpenOptions = experiment.own === 'image-folder'
    ? { size: [size, size], channels: grey ? 1 : 3, ...fixed }
    : { table: { text, label, ...fixed, ...(header !== 'auto' && { header }), ...(delimiter !== '' && { delimiter }) } }
  const encode = (set: Dataset): Dataset => (experiment.own === 'text-table' ? withTokens(set, given) : set)
  const divided = kind?.isDirectory() === true && (await readdir(data)).includes('train')
  let parts: { train: Dataset; test: Dataset }
  if (divided) {
    parts = { train: await openDataset(data, { ...form, split: 'train' }), test: await openDataset(data, { ...form, split: 'test' }) }
  } else {
    const all = await openDataset(data, { ...form, split: 'all' })
    parts = splitDataset(all, { fractions: { train: 1 - testShare, test: testShare }, seed: splitSeed, stratifyBy: 'labels' })
  }
  const found = parts.train.classes ?? []
  if (found.length < 2 || parts.test.length === 0) {
    throw new UserError({
      rule: 'Telling classes apart takes at least two classes, and examples to test on.',
      received: `${found.length} ${found.length === 1 ? 'class' : 'classes'} (${found.slice(0, 5).join(', ')}), ${parts.train.length} examples to learn from, ${parts.test.length} to test on`,
      next: 'Add examples, or change testShare.',
    })
  }
  const settings: OwnSettings = { ...given, data, classes: found }
  return { train: encode(parts.train), test: encode(parts.test), settings, checksums: { [data]: await contentChecksum(data) } }
}

/**
 * Loads the data of an experiment, fetching a published set where it is missing.
 * @param options.recorded checksums of an earlier attempt: own data must still be the same
 * @throws UserError where the data cannot be had, are damaged, or changed since
 */
export async function loadTrainingData(
  experiment: Experiment,
  settings: TrainingSettings,
  { shared = false, recorded }: { readonly shared?: boolean; readonly recorded?: Readonly<Record<string, string>> } = {},
): Promise<TrainingData> {
  if (!experiment.own) {
    const train = await loadDataset(experiment.dataset, { split: 'train', shared })
    const test = await loadDataset(experiment.dataset, { split: 'test' })
    const files = locateEdition(datasetCard(experiment.dataset))?.files ?? []
    return { train, test, settings, checksums: Object.fromEntries(files.map(({ file }) => [`${experiment.dataset}/${file.name}`, file.sha256])) }
  }
  const loaded = await loadOwn(experiment, settings as OwnSettings)
  for (const [name, sha256] of Object.entries(loaded.checksums)) {
    const before = recorded?.[name]
    if (before !== undefined && before !== sha256) {
      throw new UserError({
        rule: 'The data of the run have changed since it began.',
        received: `${name}, which has changed since (SHA-256 ${sha256.slice(0, 12)}… instead of ${before.slice(0, 12)}…)`,
        next: 'Put the data back as they were, or start a new run.',
      })
    }
  }
  return loaded
}

/**
 * One split of the data of a run: `train`, `test`, `validation` (the part that the run's settings hold out of the training
 * data), or any other split of a published set.
 * @throws UserError where there is no such split, or the data cannot be had
 */
export async function loadSplit(experiment: Experiment, settings: TrainingSettings, split: string): Promise<Dataset> {
  if (!experiment.own && split !== 'validation') return loadDataset(experiment.dataset, { split })
  if (!['train', 'test', 'validation'].includes(split)) {
    throw new UserError({ rule: 'Own data have the splits train, test and validation.', received: split })
  }
  const { train, test } = await loadTrainingData(experiment, settings)
  if (split === 'test') return test
  const parts = divide(experiment, train, settings)
  if (split === 'train') return train
  if (parts.validation) return parts.validation
  throw new UserError({ rule: 'The run held out no validation set.', received: 'validation=0 in its settings', next: 'Use the split train or test.' })
}
