// The bytes of a picture of the user's: of a plain file only, links followed, within a bound.
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { UserError } from '@ddlf/tensor/errors'

/** Largest file that is read. */
const MOST_BYTES = 2 ** 28
// Absent on Windows. Opening a pipe that nobody writes to does not wait.
const { O_NONBLOCK = 0 } = constants as Partial<typeof constants>

/**
 * Reads a picture's file.
 * @param name how messages call it; default its path
 * @throws {UserError} where it is not there, a link that leads in a circle, a folder, a pipe or a device, or larger than 256 MiB
 */
export async function readPictureBytes(path: string, name = path): Promise<Uint8Array> {
  const refuse = (received: string, cause?: unknown) =>
    new UserError({ rule: `${name} must be the file of a picture, of at most ${MOST_BYTES / 2 ** 20} MiB.`, received, next: 'Check the path.' }, { cause })
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | O_NONBLOCK)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error)
  }
  try {
    const kind = await file.stat()
    if (!kind.isFile()) throw refuse(kind.isDirectory() ? 'a folder' : 'a pipe or a device')
    if (kind.size > MOST_BYTES) throw refuse(`a file of ${kind.size} bytes`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
