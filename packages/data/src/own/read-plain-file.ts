// A file of the user's, read whole: plain files only, links followed, within a bound.
import { constants } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { checkOptions, UserError } from '@ddlf/tensor/errors'

// Absent on Windows. Opening a pipe that nobody writes to does not wait.
const { O_NONBLOCK = 0 } = constants as Partial<typeof constants>

/** What a file may be. */
export interface PlainFileOptions {
  /** What messages say the file must be, for example 'the file of a picture'. */
  readonly what: string
  /** How messages call it; default its path. */
  readonly name?: string
  /** Largest file that is read; default and most 2 GiB less a byte, which Node reads at once. */
  readonly mostBytes?: number
}

const MOST_AT_ONCE = 2 ** 31 - 1

const kindOf = (status: { isDirectory(): boolean }) => (status.isDirectory() ? 'a folder' : 'a pipe or a device')

/** A file of the user's that is open. */
export interface OpenFile {
  /** Bytes, when it was opened. */
  readonly size: number
  read(): Promise<Uint8Array>
}

/**
 * Opens a file of the user's for as long as `use` takes.
 * @throws UserError as {@link readPlainFile}
 */
export async function withPlainFile<T>(
  path: string,
  options: PlainFileOptions,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const {
    what,
    name = path,
    mostBytes = MOST_AT_ONCE,
  } = checkOptions('withPlainFile', options, ['what', 'name', 'mostBytes'])
  const size = mostBytes < MOST_AT_ONCE ? `, of at most ${mostBytes / 2 ** 20} MiB` : ''
  const refuse = (received: string, cause?: unknown) =>
    new UserError({ rule: `${name} must be ${what}${size}.`, received, next: 'Check the path.' }, { cause })
  const bound = mostBytes < MOST_AT_ONCE ? `${mostBytes / 2 ** 20} MiB` : '2 GiB less a byte'
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | O_NONBLOCK)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error)
  }
  try {
    const status = await file.stat()
    if (!status.isFile()) throw refuse(kindOf(status))
    if (status.size > mostBytes) {
      throw new UserError({
        rule: `${name} must be ${what} of at most ${bound} (${mostBytes} bytes).`,
        received: `a file of ${status.size} bytes`,
        next: 'Give a smaller file.',
      })
    }
    return await use({ size: status.size, read: () => file.readFile() })
  } finally {
    await file.close()
  }
}

/**
 * Reads a file of the user's.
 * @throws UserError where it is not there, a link that leads in a circle, a folder, a pipe or a device, or too large
 */
export const readPlainFile = (path: string, options: PlainFileOptions): Promise<Uint8Array> =>
  withPlainFile(path, checkOptions('readPlainFile', options, ['what', 'name', 'mostBytes']), file => file.read())

/** @throws UserError where the path is there and is no plain file (or a link to one): reading it might never end */
export async function assertPlainFile(path: string): Promise<void> {
  const status = await stat(path).catch(() => undefined)
  if (status && !status.isFile()) {
    throw new UserError({
      rule: `${path} must be a file that can be read.`,
      received: kindOf(status),
      next: 'Check the path.',
    })
  }
}
