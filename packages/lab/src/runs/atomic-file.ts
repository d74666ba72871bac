// Writing files so that a kill at any instant leaves either the old file or the new one, and errors a user can read.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { makeFolder } from '@ddlf/data/make-folder'
import { UserError } from '@ddlf/tensor/errors'
import { DiskFull } from './disk-full.ts'

/** The writing half of the file system, as an object so that a test can fail or kill at any one operation. */
export interface FileOperations {
  /** `wx` creates and refuses an existing file; `a` appends, creating where needed; `r` opens a folder to sync it. */
  readonly open: (file: string, flags: 'wx' | 'a' | 'r') => number
  /** Returns how many bytes were written, which may be fewer than were given. */
  readonly write: (descriptor: number, bytes: Uint8Array) => number
  readonly sync: (descriptor: number) => void
  readonly truncate: (descriptor: number, length: number) => void
  readonly close: (descriptor: number) => void
  readonly rename: (from: string, to: string) => void
  readonly link: (existing: string, created: string) => void
  readonly remove: (file: string) => void
  /** Creates a folder and those above it. */
  readonly makeFolder: (folder: string) => void
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = fs.constants
// Absent on Windows, which has neither.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants as Partial<typeof fs.constants>

/** Links are not followed, and opening a pipe that nobody else holds does not wait. */
const SAFE = O_NOFOLLOW | O_NONBLOCK
const FLAGS = {
  wx: O_WRONLY | O_CREAT | O_EXCL | SAFE,
  a: O_WRONLY | O_APPEND | O_CREAT | SAFE,
  r: O_RDONLY | SAFE,
} as const

/**
 * Opens a plain file to read it.
 * @throws UserError where it is a link, a folder, a pipe or a device; a system error where it is not there
 */
export function openToRead(file: string): number {
  const refuse = (found: string) =>
    new UserError({
      rule: 'This is no plain file.',
      received: `${file}, ${found}`,
      next: 'Put the file itself in its place, or remove it.',
    })
  let descriptor: number
  try {
    descriptor = fs.openSync(file, FLAGS.r)
  } catch (error) {
    throw ['ELOOP', 'ENXIO'].includes(errorCode(error) ?? '') ? refuse('a link or a device') : error
  }
  if (fs.fstatSync(descriptor).isFile()) return descriptor
  fs.closeSync(descriptor)
  throw refuse('a folder, a pipe or a device')
}

/** As {@link openToRead}; undefined where there is none. */
export function openIfThere(file: string): number | undefined {
  try {
    return openToRead(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw explainFileError(error, file)
  }
}

/** The real file system. */
export const nodeFiles: FileOperations = {
  open: (file, flags) => fs.openSync(file, FLAGS[flags], 0o666),
  write: (descriptor, bytes) => fs.writeSync(descriptor, bytes),
  sync: descriptor => fs.fsyncSync(descriptor),
  truncate: (descriptor, length) => fs.ftruncateSync(descriptor, length),
  close: descriptor => fs.closeSync(descriptor),
  rename: (from, to) => fs.renameSync(from, to),
  link: (existing, created) => fs.linkSync(existing, created),
  remove: file => fs.rmSync(file, { recursive: true, force: true }),
  makeFolder,
}

/** The code of a system error (`ENOSPC`, `EEXIST`), or undefined. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const INTACT = 'A run that was stopped by it goes on from its last checkpoint when it is resumed.'

const NOT_PERMITTED = {
  rule: 'There is no permission to read or write here.',
  next: 'Change its permissions, or choose another folder.',
}

const EXPLAINED: Partial<Record<string, { rule: string; next: string }>> = {
  ENOSPC: { rule: 'The disk is full.', next: `Free some space. ${INTACT}` },
  EDQUOT: { rule: 'The disk quota is used up.', next: `Free some space. ${INTACT}` },
  EACCES: NOT_PERMITTED,
  EPERM: NOT_PERMITTED,
  EROFS: { rule: 'This place lies on a read-only file system.', next: 'Choose a folder on another file system.' },
  ENOTDIR: { rule: 'A part of the path is not a folder.', next: 'Check the path, or choose another folder.' },
  ENOENT: { rule: 'There is no such file or folder.', next: 'Check the path; was it removed meanwhile?' },
  EMFILE: {
    rule: 'This process may not open more files.',
    next: 'Raise the limit (ulimit -n) or run fewer things at once.',
  },
}

/** Codes of a disk on which there is no room. */
const FULL = ['ENOSPC', 'EDQUOT']

/** Codes that callers act on, so they keep their own error. */
const ACTED_ON = ['EEXIST', 'ENOTEMPTY']

/** A system error as a {@link UserError} that says what a user can do about it; any other error unchanged. */
export function explainFileError(error: unknown, file: string): unknown {
  const code = errorCode(error)
  const known = EXPLAINED[code ?? '']
  const fromSystem = error instanceof Error && 'syscall' in error
  if (error instanceof UserError || code === undefined || ACTED_ON.includes(code) || (!known && !fromSystem))
    return error
  const { rule, next } = known ?? { rule: 'This file cannot be read or written.', next: 'Check the disk and the path.' }
  const parts = { rule, received: `${code} at ${file}`, next }
  return FULL.includes(code) ? new DiskFull(parts, { cause: error }) : new UserError(parts, { cause: error })
}

/** Runs a file operation; what it throws is explained. */
export function explained<T>(file: string, operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw explainFileError(error, file)
  }
}

// One system call writes at most about 2 GiB.
const PIECE = 2 ** 26

function writeAll(files: FileOperations, descriptor: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) start += files.write(descriptor, bytes.subarray(start, start + PIECE))
}

/** Makes a rename in the folder durable. Windows cannot open folders, and needs no such step. */
export function syncFolder(folder: string, files: FileOperations): void {
  if (process.platform === 'win32') return
  const descriptor = files.open(folder, 'r')
  try {
    files.sync(descriptor)
  } catch (error) {
    // Some network and overlay file systems refuse to sync a folder.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(errorCode(error) ?? '')) throw error
  } finally {
    files.close(descriptor)
  }
}

const TEMPORARY = /^\..*\.tmp$/
let counter = 0

/** Whether a name was made by {@link temporaryName}. */
export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name)

/** A name beside `file` for what is not finished; {@link removeTemporaryFiles} knows it. */
export const temporaryName = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}-${Date.now().toString(36)}-${counter++}.tmp`)

/** Removes what killed writers left in a folder and those below it. Call it only while holding the run's lock. */
export function removeTemporaryFiles(folder: string, files: FileOperations): void {
  const entries = explained(folder, () =>
    fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [],
  )
  for (const entry of entries) {
    const place = path.join(folder, entry.name)
    if (TEMPORARY.test(entry.name)) explained(folder, () => files.remove(place))
    else if (entry.isDirectory()) removeTemporaryFiles(place, files)
  }
}

/** Cleaning up after a failure must not hide the failure. */
export function quietly(operation: () => void): void {
  try {
    operation()
  } catch {
    // The first error is the one to report.
  }
}

/**
 * Writes the chunks under a temporary name in the same folder and syncs them; the caller moves the file to its final
 * name. Returns the temporary name.
 * @throws UserError where the disk is full or the folder is not writable; nothing is left behind
 */
export function writeTemporaryFile(file: string, chunks: Iterable<Uint8Array>, files: FileOperations): string {
  const temporary = temporaryName(file)
  return explained(file, () => {
    const descriptor = files.open(temporary, 'wx')
    let open = true
    try {
      for (const chunk of chunks) writeAll(files, descriptor, chunk)
      files.sync(descriptor)
      open = false
      files.close(descriptor)
      return temporary
    } catch (error) {
      if (open) quietly(() => files.close(descriptor))
      quietly(() => files.remove(temporary))
      throw error
    }
  })
}

/** What is written: bytes, a text, or bytes in parts. */
export type Content = Uint8Array | string | Iterable<Uint8Array>

export const chunksOf = (content: Content): Iterable<Uint8Array> =>
  typeof content === 'string'
    ? [new TextEncoder().encode(content)]
    : content instanceof Uint8Array
      ? [content]
      : content

/**
 * Replaces a file as a whole: temporary name in the same folder, fsync, rename, fsync of the folder. A kill or a full
 * disk at any instant leaves the old file, or the new one, under its name.
 * @throws UserError where the disk is full or the folder is not writable
 */
export function writeFileAtomic(file: string, content: Content, files: FileOperations = nodeFiles): void {
  const temporary = writeTemporaryFile(file, chunksOf(content), files)
  explained(file, () => {
    try {
      files.rename(temporary, file)
    } catch (error) {
      quietly(() => files.remove(temporary))
      throw error
    }
    syncFolder(path.dirname(file), files)
  })
}

/** The whole of a file, also beyond Node's limit of 2 GiB for one read. */
export function readWholeFile(file: string): Uint8Array {
  return explained(file, () => {
    const descriptor = openToRead(file)
    try {
      const bytes = new Uint8Array(fs.fstatSync(descriptor).size)
      let length = 0
      while (length < bytes.length) {
        const read = fs.readSync(descriptor, bytes, length, Math.min(PIECE, bytes.length - length), null)
        if (read === 0) break
        length += read
      }
      return length === bytes.length ? bytes : bytes.slice(0, length)
    } finally {
      fs.closeSync(descriptor)
    }
  })
}

/**
 * Hands a reader of pieces of a file, and its size, to an operation: of a large file only what it asks for is read.
 * @throws UserError where it is no plain file, or not there
 */
export function withFile<T>(
  file: string,
  operation: (read: (offset: number, length: number) => Uint8Array, size: number) => T,
): T {
  const descriptor = explained(file, () => openToRead(file))
  const read = (offset: number, length: number) => {
    const bytes = new Uint8Array(length)
    const count = explained(file, () => fs.readSync(descriptor, bytes, 0, length, offset))
    return bytes.subarray(0, count)
  }
  try {
    return operation(read, fs.fstatSync(descriptor).size)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** SHA-256 of bytes or of a text, in hexadecimal digits. */
export const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

/** What is read at a time of a file that may be large. */
const AT_A_TIME = 2 ** 22

/**
 * A file, or its first `length` bytes, piece by piece; what lies behind the end of the file is left out. A piece is
 * valid until the next.
 */
export function* filePieces(file: string, length = Infinity): Generator<Uint8Array, void> {
  const descriptor = explained(file, () => openToRead(file))
  try {
    const piece = new Uint8Array(AT_A_TIME)
    for (let left = length; left > 0; ) {
      const read = explained(file, () => fs.readSync(descriptor, piece, 0, Math.min(piece.length, left), null))
      if (read === 0) break
      yield piece.subarray(0, read)
      left -= read
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

/**
 * SHA-256 of a file, or of its first `length` bytes, read piece by piece; what lies behind the end of the file is left
 * out.
 */
export function fileSha256(file: string, length = Infinity): string {
  const hash = createHash('sha256')
  for (const piece of filePieces(file, length)) hash.update(piece)
  return hash.digest('hex')
}

/** A file that only grows. A write that fails half-way is taken back, so the file always ends with a whole write. */
export interface AppendFile {
  /** Bytes written so far, what was there before included. */
  readonly length: number
  append(bytes: Uint8Array): void
  sync(): void
  close(): void
}

function appendFile(file: string, descriptor: number, files: FileOperations): AppendFile {
  let length = fs.fstatSync(descriptor).size
  return {
    get length() {
      return length
    },
    append: bytes => {
      try {
        writeAll(files, descriptor, bytes)
        length += bytes.length
      } catch (error) {
        quietly(() => files.truncate(descriptor, length))
        throw explainFileError(error, file)
      }
    },
    sync: () => explained(file, () => files.sync(descriptor)),
    close: () => explained(file, () => files.close(descriptor)),
  }
}

/**
 * Opens a file for appending, creating it where needed.
 * @throws UserError where the disk is full or the folder is not writable
 */
export function openAppendFile(file: string, files: FileOperations = nodeFiles): AppendFile {
  return appendFile(file, explained(file, () => files.open(file, 'a')), files)
}

/**
 * Puts a new file of this content under a name and opens it for appending. Who still holds the old file open writes to
 * a file without a name, and never to this one.
 * @throws UserError where the disk is full or the folder is not writable
 */
export function replaceAppendFile(file: string, content: Content, files: FileOperations = nodeFiles): AppendFile {
  const temporary = writeTemporaryFile(file, chunksOf(content), files)
  return explained(file, () => {
    let descriptor: number | undefined
    try {
      // Opened before it is moved: under its final name another's file may lie a moment later.
      descriptor = files.open(temporary, 'a')
      files.rename(temporary, file)
      syncFolder(path.dirname(file), files)
      return appendFile(file, descriptor, files)
    } catch (error) {
      const opened = descriptor
      if (opened !== undefined) quietly(() => files.close(opened))
      quietly(() => files.remove(temporary))
      throw error
    }
  })
}
