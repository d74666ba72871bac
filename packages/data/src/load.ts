// loadDataset: from the id of a published set to its examples in memory.
import { basename } from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { ACQUIRE_OPTIONS, acquire } from './cache/acquire.ts'
import type { AcquireOptions } from './cache/acquire.ts'
import { readVerifiedMembers } from './cache/archive.ts'
import type { LocatedEdition } from './cache/locate.ts'
import { gunzip, readVerified } from './cache/read.ts'
import { classCounts } from './dataset.ts'
import type { Dataset } from './dataset.ts'
import type { SetFiles } from './datasets/published.ts'
import { publishedSet, splitCard } from './datasets/registry.ts'

/** How a set is loaded, and fetched if need be. */
export interface LoadOptions extends AcquireOptions {
  /** Name of the split, one of the card's; default the first one ('train' where the set has one, else 'all'). */
  readonly split?: string
  /**
   * Put the numbers into shared memory, so that a prefetching loader's worker reads them in place; default false.
   * Native runtimes refuse shared memory: pass such columns to the loader, not to a graph.
   */
  readonly shared?: boolean
}

/** The files of an edition on this machine, verified as they are read. */
function filesOf({ edition, files }: LocatedEdition, shared: boolean): SetFiles {
  const find = (name: string) => {
    const found = files.find(({ file }) => file.name === name)
    if (found === undefined) throw new UserError({ rule: `The edition '${edition.name}' has no file named ${name}.` })
    return found
  }
  return {
    edition: edition.name,
    shared,
    async read(name) {
      const packed = files.find(({ file }) => file.name === `${name}.gz`)
      if (packed !== undefined)
        return gunzip(await readVerified(packed.path, packed.file), basename(packed.path), shared)
      const { path, file } = find(name)
      return readVerified(path, file, shared)
    },
    members: (name, wanted) => readVerifiedMembers(find(name), wanted),
  }
}

/**
 * Loads one split of a published data set, fetching its files first where they are missing. Every file is verified
 * against its pinned SHA-256 before use, and the number of examples and of each class against the card.
 * @throws UserError when the set or split is unknown, a file is damaged or cannot be had, or the content differs from
 *   the card
 */
export async function loadDataset(id: string, given: LoadOptions = {}): Promise<Dataset> {
  checkOptions('loadDataset', given, ['split', 'shared', ...ACQUIRE_OPTIONS])
  const { split, shared = false, ...options } = given
  const published = publishedSet(id)
  const { card } = published
  const expected = splitCard(card, split ?? card.splits[0]?.name ?? 'all')
  const dataset = await published.read(filesOf(await acquire(card, options), shared), expected.name)
  const refuse = (what: string, wanted: string, received: string) =>
    new UserError({ rule: `${card.title}: the split '${expected.name}' must have ${wanted} ${what}.`, received })
  if (dataset.length !== expected.examples) throw refuse('examples', String(expected.examples), String(dataset.length))
  if (expected.perClass !== undefined) {
    const counts = classCounts(dataset)
    if (counts.join() !== expected.perClass.join())
      throw refuse('examples of its classes', expected.perClass.join(', '), counts.join(', '))
  }
  return dataset
}
