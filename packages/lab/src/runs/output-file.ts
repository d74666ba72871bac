// A file that a user names for an output: replaced as a whole, links followed, devices and pipes written into.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor'
import { chunksOf, errorCode, explained, explainFileError, writeFileAtomic, type Content } from './atomic-file.ts'

/** The writing half of a pipe or a device; a pipe that nobody reads is refused instead of waited for. */
function writeInto(file: string, bytes: Uint8Array): void {
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
    for (let done = 0; done < bytes.length; ) {
      try {
        done += fs.writeSync(descriptor, bytes, done)
      } catch (error) {
        if (errorCode(error) !== 'EAGAIN') throw explainFileError(error, file)
        Atomics.wait(pause, 0, 0, 5)
      }
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

/**
 * Writes an output under the name that a user gave. A file is replaced as a whole or not at all; a link stays, and what
 * it leads to is written; a device or a pipe (`/dev/stdout`) gets the bytes and stays what it is.
 * @throws UserError for a folder, a pipe that nobody reads, a full disk or a folder that cannot be written
 */
export function writeOutputFile(file: string, content: Content): void {
  const status = explained(file, () => fs.statSync(file, { throwIfNoEntry: false }))
  if (status?.isDirectory()) {
    throw new UserError({
      rule: 'An output needs the name of a file.',
      received: `${file}, which is a folder`,
      next: `For example: ${file}/output`,
    })
  }
  if (status && !status.isFile()) {
    for (const chunk of chunksOf(content)) writeInto(file, chunk)
    return
  }
  writeFileAtomic(status ? explained(file, () => fs.realpathSync(file)) : linkTarget(file), content)
}

/** Where a link that leads to nothing yet leads; any other path as it is. */
function linkTarget(file: string): string {
  try {
    return fs.realpathSync(file)
  } catch (error) {
    const isLink = fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
    return isLink && errorCode(error) === 'ENOENT' ? path.resolve(path.dirname(file), fs.readlinkSync(file)) : file
  }
}
