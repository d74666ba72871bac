// loadDataset: from the id of a published set to its examples in memory.
import { basename } from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { locateEdition } from './cache/locate.ts'
import type { LocatedEdition } from './cache/locate.ts'
import { gunzip, readVerified } from './cache/read.ts'
import type { Dataset, DatasetCard } from './dataset.ts'
import { idxFileNames, readIdxDataset } from './datasets/mnist.ts'
import { datasetCard, splitCard } from './datasets/registry.ts'

/** How a set is loaded. */
export interface LoadOptions {
  /** Name of the split, one of the card's; default 'train'. */
  readonly split?: string
  /**
   * Put the numbers into shared memory, so that a prefetching loader's worker reads them in place; default false.
   * Native runtimes refuse shared memory: pass such columns to the loader, not to a graph.
   */
  readonly shared?: boolean
}

/** Reads a file of a located edition, unpacked when its name ends in `.gz`. */
async function readPart({ files }: LocatedEdition, name: string, shared: boolean): Promise<Uint8Array> {
  const found = files.find(({ file }) => file.name === name || file.name === `${name}.gz`)
  if (found === undefined) throw new UserError({ rule: `The edition has no file named ${name}.` })
  if (!found.file.name.endsWith('.gz')) return readVerified(found.path, found.file, shared)
  return gunzip(await readVerified(found.path, found.file), basename(found.path), shared)
}

async function readIdxSet(card: DatasetCard, located: LocatedEdition, split: string, shared: boolean): Promise<Dataset> {
  const names = idxFileNames[split as keyof typeof idxFileNames]
  const images = await readPart(located, names.images, shared)
  const labels = await readPart(located, names.labels, false)
  return readIdxDataset(`${card.id}/${split}`, images, labels, card.classes ?? [], shared)
}

/**
 * Loads one split of a published data set. Every file is verified against its pinned SHA-256 before use.
 * @throws {UserError} when the set or split is unknown, a file is missing or damaged, or the content differs from the card
 */
export async function loadDataset(id: string, { split = 'train', shared = false }: LoadOptions = {}): Promise<Dataset> {
  const card = datasetCard(id)
  const expected = splitCard(card, split)
  const located = locateEdition(card)
  if (located === undefined) throw new UserError({ rule: `The files of ${card.title} are not on this machine.` })
  const dataset = await readIdxSet(card, located, split, shared)
  if (dataset.length !== expected.examples) {
    throw new UserError({ rule: `${card.title} must have ${expected.examples} examples in its split '${split}'.`, received: String(dataset.length) })
  }
  return dataset
}
