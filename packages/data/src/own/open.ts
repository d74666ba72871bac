// openDataset: a published set by its id, or the user's own data by its path, each as splits.
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { splitDataset } from '../split.ts'
import type { Dataset } from '../dataset.ts'
import { decodeText } from '../datasets/published.ts'
import { publishedSet, publishedSets } from '../datasets/registry.ts'
import { ACQUIRE_OPTIONS } from '../cache/acquire.ts'
import { loadDataset } from '../load.ts'
import type { LoadOptions } from '../load.ts'
import { chosenOptions } from './chosen-options.ts'
import { divideDocuments, documentSet, holdsTexts, readDocuments, type Document } from './documents.ts'
import { IMAGE_FOLDER_OPTIONS, loadImagePart } from './image-folder.ts'
import type { ImageFolderOptions } from './image-folder.ts'
import { partNamed } from './pictures/list-pictures.ts'
import { readPlainFile } from './read-plain-file.ts'
import { isTable, readTableFile } from './table-file.ts'
import { namedColumns, tableDataset, TABLE_OPTIONS } from './table-dataset.ts'
import type { TableOptions } from './table-dataset.ts'
import { FORMAT_OPTIONS } from './table.ts'
import { areColumnNames, pairDataset, type PairColumns, type PairTable } from './text-pairs.ts'

/** Reads a CSV, TSV or JSON Lines file; see `tableDataset` for the columns. */
export async function loadTable(path: string, options: Partial<TableOptions> = {}): Promise<Dataset> {
  checkOptions('loadTable', options, TABLE_OPTIONS)
  const named = namedColumns(options)
  // With a text, no other column is a feature unless it is named.
  const only = options.text !== undefined || options.features !== undefined ? { only: named } : {}
  return tableDataset(
    await readTableFile(path, { ...chosenOptions(options, FORMAT_OPTIONS), wanted: named, ...only }),
    options,
  )
}

/** Reads pairs from a CSV, TSV or JSON Lines file; see {@link pairDataset}. */
export async function readPairs(
  file: string,
  options: PairColumns & { readonly delimiter?: string; readonly header?: boolean } = {},
): Promise<PairTable> {
  const { source = '', target = '', ...form } = checkOptions('readPairs', options, [
    'source', 'target', 'delimiter', 'header',
  ])
  const wanted = [source, target].filter(column => column !== '')
  const only = wanted.length === 2 ? { only: wanted } : {}
  return pairDataset(
    await readTableFile(file, { ...form, ...only, wanted, areNames: areColumnNames }), { source, target },
  )
}

/** Reads a text file as a set of one example, or of one example a line. */
export async function loadTextFile(path: string, options: { readonly lines?: boolean } = {}): Promise<Dataset> {
  checkOptions('loadTextFile', options, ['lines'])
  const { lines = false } = options
  const text = decodeText(await readPlainFile(path, { what: 'a file that can be read' })).replace(/^\uFEFF/, '')
  const values = lines ? text.split(/\r\n|\n|\r/).filter(line => line.trim() !== '') : [text]
  if (text.trim() === '') {
    const received = text === '' ? 'an empty file' : 'a file with nothing but blanks'
    throw new UserError({ rule: `${path} must hold text.`, received, next: 'Name a file with a text in it.' })
  }
  return { name: basename(path), length: values.length, columns: {}, text: { text: values } }
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

const OPEN_OPTIONS = [
  'table',
  'lines',
  'seed',
  'fractions',
  'split',
  ...IMAGE_FOLDER_OPTIONS,
  ...ACQUIRE_OPTIONS,
] as const

const DEFAULT_FRACTIONS = { train: 0.8, validation: 0.1, test: 0.1 }

/**
 * A published set by its id (`mnist`), or own data by its path: a folder of images by class, a `.csv`, `.tsv` or
 * `.jsonl` table, or a text file. An image folder that holds folders named after splits (`train/cat/1.png`) is split as
 * it lies. Other own data is split at random by the seed, with the share of each class kept; a text of one example is
 * cut at the fractions.
 * `split: 'all'` gives everything. Parts of a random split are copies.
 * @throws UserError when there is neither such a set nor such a path
 */
export async function openDataset(reference: string, options: OpenOptions = {}): Promise<Dataset> {
  checkOptions('openDataset', options, OPEN_OPTIONS)
  const { split = 'train', table = {}, lines = false, seed = 0, fractions = DEFAULT_FRACTIONS } = options
  const ids = publishedSets.map(({ card }) => card.id)
  if (ids.includes(reference))
    return loadDataset(reference, chosenOptions(options, ['split', 'shared', ...ACQUIRE_OPTIONS]))
  const kind = await stat(reference).catch(() => undefined)
  // Without a path separator or an ending it was meant as an id: the error names the nearest one.
  if (kind === undefined && !/[/\\.]/.test(reference)) publishedSet(reference)
  if (kind === undefined)
    throw new UserError({
      rule: `There is no data set and no file or folder named '${reference}'.`,
      received: reference,
      next: 'List the published sets: npm run ddlf -- data list',
    })
  if (kind.isDirectory() && holdsTexts(reference)) return documentPart(reference, split, { seed, fractions }, options)
  if (kind.isDirectory()) return loadImagePart(reference, split, { fractions, seed }, options)
  if (isTable(reference)) return part(await loadTable(reference, table), split, seed, fractions)
  return part(await loadTextFile(reference, { lines }), split, seed, fractions)
}

/** One part of a folder of texts, an example a document. */
async function documentPart(
  folder: string,
  split: string,
  { seed, fractions }: Required<Pick<OpenOptions, 'seed' | 'fractions'>>,
  { onItems }: OpenOptions,
): Promise<Dataset> {
  const listing = await readDocuments(folder, { ...(onItems && { onItems }) })
  if (split === 'all') return documentSet(folder, Object.values(listing.parts).flat(), listing.intake)
  const { test = 0.1, validation = 0 } = fractions
  const { parts, intake } = divideDocuments(listing, { test, validation: validation / (1 - test), seed })
  const found = new Map(Object.entries<readonly Document[]>({ ...parts })).get(partNamed(split) ?? split)
  if (found) return documentSet(`${folder}/${split}`, found, intake)
  throw new UserError({
    rule: `${folder} has no part named '${split}'.`,
    received: split,
    next: `Use one of: ${['all', ...Object.keys(parts)].join(', ')}`,
  })
}

function part(whole: Dataset, split: string, seed: number, fractions: Readonly<Record<string, number>>): Dataset {
  if (split === 'all') return whole
  if (!Object.hasOwn(fractions, split))
    throw new UserError({
      rule: `${whole.name} has no split named '${split}'.`,
      received: split,
      next: `Use one of: all, ${Object.keys(fractions).join(', ')}`,
    })
  const name = `${whole.name}/${split}`
  const text = whole.text?.['text']?.[0]
  if (whole.length === 1 && text !== undefined) {
    let from = 0
    for (const [other, share] of Object.entries(fractions)) {
      const to = from + share
      if (other === split)
        return {
          ...whole,
          name,
          text: { text: [text.slice(Math.round(from * text.length), Math.round(to * text.length))] },
        }
      from = to
    }
  }
  const stratify = whole.columns['labels'] === undefined ? {} : { stratifyBy: 'labels' }
  const parts = splitDataset(whole, { fractions, seed, ...stratify })
  return { ...(parts[split] as Dataset), name }
}
