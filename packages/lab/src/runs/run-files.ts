// The files of a run: every read and write goes through here, and none leaves the run's folder by a link or waits on a
// device.
import fs from 'node:fs'
import path from 'node:path'
import { namesNotText } from '@ddlf/data/files-below'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { errorCode, explainFileError, type FileOperations } from './atomic-file.ts'

const kindOf = (status: fs.Stats): string =>
  status.isSymbolicLink()
    ? 'a link'
    : status.isFIFO()
      ? 'a pipe'
      : status.isSocket()
        ? 'a socket'
        : status.isDirectory()
          ? 'a folder'
          : status.isFile()
            ? 'a file'
            : 'a device'

const foreign = (file: string, found: string, expected: string) => new UserError({
  rule: 'A run holds files and folders of its own alone: what leads out of it is neither read nor written.',
  received: `${file}, which is ${found} where ${expected} belongs`,
  next: 'Put the file itself in its place, or remove it.',
})

const statusOf = (file: string): fs.Stats | undefined => {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false })
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined
    throw explainFileError(error, file)
  }
}

/**
 * Checks every folder between the run's and the file, and the file itself: real folders, and a real file or nothing.
 * @param options.last what the path itself may be; `anything` where it is only replaced or removed, which follows no
 *   link
 * @returns the file's path
 * @throws UserError where a link, a pipe or a device is in the way, or the path lies outside the folder
 */
export function ownPath(
  folder: string,
  file: string,
  options: { readonly last?: 'file' | 'folder' | 'anything' } = {},
): string {
  checkOptions('ownPath', options, ['last'])
  const { last = 'file' } = options
  const parts = path.relative(folder, file).split(path.sep)
  if (parts[0] === '..' || path.isAbsolute(parts[0] ?? ''))
    throw new UserError({ rule: 'A file of a run lies inside its folder.', received: file })
  let place = folder
  for (const [i, part] of parts.entries()) {
    place = path.join(place, part)
    const wanted = i < parts.length - 1 ? 'folder' : last
    const status = wanted === 'anything' ? undefined : statusOf(place)
    if (!status) continue
    if (wanted === 'folder' ? !status.isDirectory() : !status.isFile())
      throw foreign(place, kindOf(status), `a ${wanted}`)
  }
  return file
}

/** The writing half of a file system that writes, moves and removes inside one folder alone, links notwithstanding. */
export function containedFiles(files: FileOperations, folder: string): FileOperations {
  const inside = (file: string, last: 'file' | 'folder' | 'anything') => ownPath(folder, file, { last })
  return {
    ...files,
    // A folder is opened to sync it.
    open: (file, flags) => files.open(flags === 'r' ? inside(file, 'folder') : inside(file, 'file'), flags),
    rename: (from, to) => { files.rename(inside(from, 'anything'), inside(to, 'anything')) },
    link: (existing, created) => { files.link(inside(existing, 'file'), inside(created, 'anything')) },
    remove: file => { files.remove(inside(file, 'anything')) },
    makeFolder: made => { files.makeFolder(inside(made, 'folder')) },
  }
}

/** What lies below a run's folder. */
export interface Entry {
  /** Path relative to the folder, with `/` between the parts. */
  readonly file: string
  /** Links and what else is no file or folder are none. */
  readonly isFile: boolean
  /** Its name is no UTF-8, and it cannot be opened by it. */
  readonly isNotText?: true
}

/** At most so many entries of a folder: no more of it is read. */
function entriesIn(place: string, most: number): fs.Dirent[] {
  const folder = fs.opendirSync(place)
  try {
    const entries: fs.Dirent[] = []
    while (entries.length < most) {
      const entry = folder.readSync()
      if (!entry) break
      entries.push(entry)
    }
    return entries
  } finally {
    folder.closeSync()
  }
}

/**
 * What lies below a folder but its folders, folder by folder. Only real folders are walked: a link is listed as one,
 * and leads nowhere.
 * @param most entries are looked at, however many there are; default: all
 */
export function* entriesBelow(folder: string, most = Infinity): Generator<Entry, void> {
  const folders = ['']
  let left = most
  for (const below of folders) {
    const place = path.join(folder, below)
    const entries = entriesIn(place, left)
    left -= entries.length
    const notText = namesNotText(place, entries.map(({ name }) => name))
    for (const entry of entries) {
      const written = notText.get(entry.name)
      const file = path.posix.join(below, written ?? entry.name)
      if (written !== undefined) yield { file, isFile: true, isNotText: true }
      else if (entry.isDirectory()) folders.push(file)
      else yield { file, isFile: entry.isFile() }
    }
    if (left <= 0) return
  }
}
