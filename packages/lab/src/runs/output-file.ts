// A file that a user names for an output: replaced as a whole, links followed, devices and pipes written into.
import fs from 'node:fs'
import path from 'node:path'
import { makeFolder } from '@ddlf/data/make-folder'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { shellQuote } from '../command-text.ts'
import { chunksOf, errorCode, explained, explainFileError, writeFileAtomic, type Content } from './atomic-file.ts'
import { realPath } from './run-place.ts'

/**
 * Writes into a pipe or a device, opened once: its reader sees one end. A pipe that nobody reads is refused instead of
 * waited for.
 */
function writeInto(file: string, chunks: Iterable<Uint8Array>): void {
  const descriptor = explained(file, () => {
    try {
      return fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)
    } catch (error) {
      if (errorCode(error) !== 'ENXIO') throw error
      throw new UserError({
        rule: 'A pipe takes an output while somebody reads it.',
        received: file,
        next: 'Start its reader first.',
      })
    }
  })
  const pause = new Int32Array(new SharedArrayBuffer(4))
  try {
    for (const bytes of chunks) {
      for (let done = 0; done < bytes.length; ) {
        try {
          done += fs.writeSync(descriptor, bytes, done)
        } catch (error) {
          if (errorCode(error) !== 'EAGAIN') throw explainFileError(error, file)
          Atomics.wait(pause, 0, 0, 5)
        }
      }
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

/** What an output may do. */
export interface OutputOptions {
  /** Whether a file that is there may be replaced; default false. */
  readonly force?: boolean
  /** The option that names the file, for messages; default `--out`. */
  readonly option?: string
  /** A name for it, for messages, such as `model.onnx`; default `output`. */
  readonly example?: string
  /** Files and folders that the same command reads: never written over, with or without `force`. */
  readonly reads?: readonly string[]
  /** Whether its folder is made when it is written, in a folder that is there; default false. */
  readonly makesFolder?: boolean
}

const OUTPUT_OPTIONS = ['force', 'option', 'example', 'reads', 'makesFolder'] as const

/** Whether a name is that of a device or a pipe, which takes bytes and has no place for a file beside it. */
export function isDevice(file: string): boolean {
  const status = fs.statSync(file, { throwIfNoEntry: false })
  return status !== undefined && !status.isFile() && !status.isDirectory()
}

/** Whether a file is one that is read, or lies in a folder that is. */
function isRead(file: string, read: string): boolean {
  const [one, other] = [file, read].map(place => fs.statSync(place, { throwIfNoEntry: false }))
  if (!one || !other) return false
  if (!other.isDirectory()) return one.ino === other.ino && one.dev === other.dev
  const within = path.relative(fs.realpathSync(read), fs.realpathSync(file))
  return !within.startsWith('..') && !path.isAbsolute(within)
}

/** The folder of the run or the study whose data a file is, or would be. */
function ownerOf(file: string): string | undefined {
  for (let folder = path.dirname(file); path.dirname(folder) !== folder; folder = path.dirname(folder)) {
    const holds = (name: string) => fs.existsSync(path.join(folder, name))
    const below = path.relative(folder, file)
    // A run.json of somebody else's makes no run of a folder without checkpoints.
    if (holds('run.json') && holds('checkpoints'))
      return path.dirname(below) === 'artifacts' && !fs.existsSync(file) ? undefined : folder
    if (holds('journal.jsonl')) return below === 'report.html' ? undefined : folder
  }
  return undefined
}

/** @throws UserError where the file must not be written, whatever the user agrees to */
function refuseNever(file: string, target: string, options: Required<OutputOptions>): void {
  const { option, example, reads, makesFolder } = options
  const status = explained(file, () => fs.statSync(file, { throwIfNoEntry: false }))
  if (status?.isDirectory()) {
    throw new UserError({
      rule: 'An output needs the name of a file.',
      received: `${file}, which is a folder`,
      next: `Name a file in it: ${option} ${path.join(file, example)}`,
    })
  }
  if (status && !status.isFile()) return
  const own = path.dirname(target)
  const isMade = makesFolder && !fs.lstatSync(own, { throwIfNoEntry: false })
  const parent = isMade ? path.dirname(own) : own
  if (!fs.existsSync(parent)) {
    throw new UserError({
      rule: 'The folder of an output must be there.',
      received: file,
      next: `Make it first: mkdir -p ${shellQuote(path.dirname(file))}`,
    })
  }
  if (!fs.statSync(parent).isDirectory()) {
    throw new UserError({
      rule: 'An output needs a folder to lie in.',
      received: `${file}, where ${path.dirname(file)} is no folder`,
      next: `Choose another name with ${option}.`,
    })
  }
  explained(file, () => {
    fs.accessSync(parent, fs.constants.W_OK)
  })
  const read = reads.find(one => isRead(file, one))
  if (read !== undefined) {
    throw new UserError({
      rule: 'An output never replaces what the command reads.',
      received: file,
      next: `Choose another name with ${option}.`,
    })
  }
  const owner = ownerOf(target)
  if (owner !== undefined) {
    throw new UserError({
      rule: "An output never replaces a run's or a study's own data.",
      received: `${file}, in ${owner}`,
      next: `Choose a place outside it with ${option}.`,
    })
  }
}

/** @throws UserError where a file is there and nobody agreed to replace it */
function refuseUnasked(file: string, { force, option }: Required<OutputOptions>): void {
  if (force || fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return
  throw new UserError({
    rule: `${file} is there already.`,
    received: file,
    next: `Give --force to replace it, or another name with ${option}.`,
  })
}

/**
 * Looks, before any work is done, whether an output may be written under the name that a user gave (or under a default
 * name in the user's folder): the one rule of all commands. A file that is there is replaced with `force` alone; what
 * belongs to a run, to a study or to what the command reads is never replaced. A link stays, and what it leads to is
 * written; a device or a pipe (`/dev/stdout`) gets the bytes and stays what it is.
 * @returns writes the output as a whole or not at all; what came there meanwhile is refused too
 * @throws UserError where it may not be written, with what to do instead
 */
export function openOutput(file: string, options: OutputOptions = {}): (content: Content) => void {
  const { force = false, option = '--out', example = 'output', reads = [], makesFolder = false } = checkOptions(
    'openOutput',
    options,
    OUTPUT_OPTIONS,
  )
  const all = { force, option, example, reads, makesFolder }
  const target = targetOf(file)
  refuseNever(file, target, all)
  refuseUnasked(file, all)
  return content => {
    refuseUnasked(file, all)
    if (makesFolder) explained(file, () => { makeFolder(path.dirname(file)) })
    writeOutputFile(file, content)
  }
}

/**
 * Writes a file of the product's own outside of runs, replacing the one before: a report beside its study, say. What a
 * user names goes through {@link openOutput}.
 * @throws UserError for a folder, a pipe that nobody reads, a full disk or a folder that cannot be written
 */
export function writeOutputFile(file: string, content: Content): void {
  const status = explained(file, () => fs.statSync(file, { throwIfNoEntry: false }))
  if (status?.isDirectory()) {
    throw new UserError({
      rule: 'An output needs the name of a file.',
      received: `${file}, which is a folder`,
      next: `Move it away, or name another file.`,
    })
  }
  if (status && !status.isFile()) {
    writeInto(file, chunksOf(content))
    return
  }
  writeFileAtomic(targetOf(file), content)
}

/** What is written in the end: where links lead, also one that leads to nothing yet. */
function targetOf(file: string): string {
  try {
    return fs.realpathSync(file)
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw explainFileError(error, file)
    const link = fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
    if (link) return targetOf(path.resolve(path.dirname(file), fs.readlinkSync(file)))
    const parent = realPath(path.dirname(file))
    return parent === undefined ? path.resolve(file) : path.join(parent, path.basename(file))
  }
}
