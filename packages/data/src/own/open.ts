// openDataset: a published set by its id, or the user's own data by its path, each as splits.
import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { allocate } from '../dataset.ts'
import { splitDataset } from '../split.ts'
import type { Dataset } from '../dataset.ts'
import { decodeText } from '../datasets/published.ts'
import { publishedSet, publishedSets } from '../datasets/registry.ts'
import { loadDataset } from '../load.ts'
import type { LoadOptions } from '../load.ts'
import { decodeImage } from './pictures/decode-image.ts'
import { readTableFile } from './table-file.ts'
import { namedColumns, tableDataset } from './table.ts'
import type { TableOptions } from './table.ts'

/** How the images of a folder become a data set. */
export interface ImageFolderOptions {
  /** Height and width to which every image is resized; default 32 x 32. */
  readonly size?: readonly [height: number, width: number]
  /** 1 for grey levels, 3 for colour; default 3. */
  readonly channels?: 1 | 3
  /** Names of the classes in order; default the names of the folders, sorted. */
  readonly classes?: readonly string[]
  readonly shared?: boolean
}

const IMAGE_NAME = /\.(png|jpe?g)$/i
const visible = (name: string) => !name.startsWith('.')

async function entriesOf(folder: string) {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter(({ name }) => visible(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    throw new UserError({ rule: `${folder} must be a folder that can be read.`, received: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
}

/**
 * Reads a folder that holds one folder of PNG and JPEG files for each class; the class is the folder's name.
 * @returns `images` uint8 [channels, height, width], `labels` int32, and the file names as the text column `file`
 * @throws {UserError} when there are no class folders or no images, or when a file is damaged
 */
export async function loadImageFolder(folder: string, { size = [32, 32], channels = 3, classes, shared = false }: ImageFolderOptions = {}): Promise<Dataset> {
  const [height, width] = size
  const found = (await entriesOf(folder)).filter(entry => entry.isDirectory()).map(({ name }) => name)
  const names = classes ?? found
  const unknown = found.find(name => !names.includes(name))
  if (unknown !== undefined) throw new UserError({ rule: `${folder}: every folder must be one of the classes.`, received: unknown, next: `classes: ${names.join(', ')}` })
  const files: { path: string; name: string; label: number }[] = []
  for (const [label, name] of names.entries()) {
    if (!found.includes(name)) continue
    for (const entry of await entriesOf(join(folder, name))) {
      if (entry.isFile() && IMAGE_NAME.test(entry.name)) files.push({ path: join(folder, name, entry.name), name: `${name}/${entry.name}`, label })
    }
  }
  if (files.length === 0) {
    throw new UserError({
      rule: `${folder} must hold one folder of PNG or JPEG files for each class.`,
      received: found.length === 0 ? 'no folders' : `folders without images: ${found.join(', ')}`,
      next: 'for example pictures/cat/1.png and pictures/dog/7.jpg',
    })
  }
  const area = channels * height * width
  const data = allocate('uint8', files.length * area, shared)
  const labels = allocate('int32', files.length, shared)
  for (const [k, { path, label }] of files.entries()) {
    data.set((await decodeImage(await readFile(path), { channels, size }, path)).data, k * area)
    labels[k] = label
  }
  return {
    name: basename(resolve(folder)),
    length: files.length,
    columns: { images: { dtype: 'uint8', shape: [channels, height, width], data }, labels: { dtype: 'int32', shape: [], data: labels } },
    text: { file: files.map(({ name }) => name) },
    classes: names,
  }
}

/** Reads a CSV or TSV file; see `tableDataset` for the columns. */
export async function loadTable(path: string, options: Partial<TableOptions> = {}): Promise<Dataset> {
  const named = namedColumns(options)
  // With a text, no other column is a feature unless it is named.
  const only = options.text !== undefined || options.features !== undefined ? { only: named } : {}
  return tableDataset(await readTableFile(path, { ...options, wanted: named, ...only }), options)
}

/** Reads a text file as a set of one example, or of one example a line. */
export async function loadTextFile(path: string, { lines = false }: { readonly lines?: boolean } = {}): Promise<Dataset> {
  const text = decodeText(await readOwn(path)).replace(/^\uFEFF/, '')
  const values = lines ? text.split(/\r?\n/).filter(line => line.trim() !== '') : [text]
  if (text.trim() === '') throw new UserError({ rule: `${path} must hold text.`, received: 'an empty file' })
  return { name: basename(path), length: values.length, columns: {}, text: { text: values } }
}

async function readOwn(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new UserError({ rule: `${path} must be a file that can be read.`, received: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
}

/** Everything that decides what {@link openDataset} gives. */
export interface OpenOptions extends LoadOptions, ImageFolderOptions {
  /** Columns and form of a table. */
  readonly table?: Partial<TableOptions>
  /** One example a line of a text file; default the whole file is one example. */
  readonly lines?: boolean
  /** Seed of the split of own data; default 0. */
  readonly seed?: number
  /** Parts into which own data is split; default train 0.8, validation 0.1, test 0.1. */
  readonly fractions?: Readonly<Record<string, number>>
}

const DEFAULT_FRACTIONS = { train: 0.8, validation: 0.1, test: 0.1 }

/**
 * A published set by its id (`mnist`), or own data by its path: a folder of images by class, a `.csv` or `.tsv` table, or a
 * text file. An image folder that holds folders named after splits (`train/cat/1.png`) is split as it lies. Other own data
 * is split at random by the seed, with the share of each class kept; a text of one example is cut at the fractions.
 * `split: 'all'` gives everything. Parts of a random split are copies.
 * @throws {UserError} when there is neither such a set nor such a path
 */
export async function openDataset(reference: string, options: OpenOptions = {}): Promise<Dataset> {
  const ids = publishedSets.map(({ card }) => card.id)
  if (ids.includes(reference)) return loadDataset(reference, options)
  const kind = await stat(reference).catch(() => undefined)
  // Without a path separator or an ending it was meant as an id: the error names the nearest one.
  if (kind === undefined && !/[/\\.]/.test(reference)) publishedSet(reference)
  if (kind === undefined) throw new UserError({ rule: `There is no data set and no file or folder named '${reference}'.`, received: reference, next: 'list the published sets: ddlf data list' })
  const { split = 'train', seed = 0, fractions = DEFAULT_FRACTIONS, table = {} } = options
  if (kind.isDirectory()) {
    const folders = (await entriesOf(reference)).filter(entry => entry.isDirectory()).map(({ name }) => name)
    if (folders.includes('train')) {
      const classes = options.classes ?? (await entriesOf(join(reference, 'train'))).filter(entry => entry.isDirectory()).map(({ name }) => name)
      if (!folders.includes(split)) throw new UserError({ rule: `${reference} has no folder for the split '${split}'.`, received: split, next: `use one of: ${folders.join(', ')}` })
      return { ...(await loadImageFolder(join(reference, split), { ...options, classes })), name: `${basename(resolve(reference))}/${split}` }
    }
    return part(await loadImageFolder(reference, options), split, seed, fractions)
  }
  if (/\.(csv|tsv|tab)$/i.test(extname(reference))) return part(await loadTable(reference, table), split, seed, fractions)
  return part(await loadTextFile(reference, options), split, seed, fractions)
}

function part(whole: Dataset, split: string, seed: number, fractions: Readonly<Record<string, number>>): Dataset {
  if (split === 'all') return whole
  if (!(split in fractions)) throw new UserError({ rule: `${whole.name} has no split named '${split}'.`, received: split, next: `use one of: all, ${Object.keys(fractions).join(', ')}` })
  const name = `${whole.name}/${split}`
  const text = whole.text?.['text']?.[0]
  if (whole.length === 1 && text !== undefined) {
    let from = 0
    for (const [other, share] of Object.entries(fractions)) {
      const to = from + share
      if (other === split) return { ...whole, name, text: { text: [text.slice(Math.round(from * text.length), Math.round(to * text.length))] } }
      from = to
    }
  }
  const stratify = whole.columns['labels'] === undefined ? {} : { stratifyBy: 'labels' }
  const parts = splitDataset(whole, { fractions, seed, ...stratify })
  return { ...(parts[split] as Dataset), name }
}
