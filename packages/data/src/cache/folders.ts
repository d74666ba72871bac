// Where files of data sets may lie on this machine, in the order in which they are looked for.
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import type { PinnedFile } from '../dataset.ts'

/** The environment that decides about folders; the process's own by default. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The folders of `DDLF_DATA_DIRS`, separated as in `PATH`. */
export const searchFolders = (environment: Environment = process.env) =>
  (environment['DDLF_DATA_DIRS'] ?? '')
    .split(delimiter)
    .filter(folder => folder.trim() !== '')
    .map(folder => resolve(folder))

/** The cache: `DDLF_CACHE`, or `ddlf` in the XDG cache folder (`XDG_CACHE_HOME`, by default `~/.cache`). */
export const cacheFolder = (environment: Environment = process.env) =>
  resolve(environment['DDLF_CACHE'] || join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ddlf'))

/** Where the files of one set are kept in the cache. A name that would leave the cache is refused. */
export function cachedSet(id: string, environment: Environment = process.env): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(id))
    throw new UserError({
      rule: 'The id of a data set is made of small letters, digits, dots and hyphens.',
      received: id,
    })
  return join(cacheFolder(environment), 'data', id)
}

/** The path of a file inside an installed npm package, or `undefined` when the package is not installed. */
export function installedPath(file: PinnedFile): string | undefined {
  if (file.installed === undefined) return undefined
  try {
    const manifest = createRequire(import.meta.url).resolve(`${file.installed.package}/package.json`)
    return join(dirname(manifest), file.installed.path)
  } catch {
    return undefined
  }
}
