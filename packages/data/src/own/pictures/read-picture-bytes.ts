// The bytes of a picture of the user's: one at a time, or many at once within a bound of memory.
import { MemoryGate } from '../memory-gate.ts'
import { readPlainFile, withPlainFile, type PlainFileOptions } from '../read-plain-file.ts'

/** Largest file that is read. */
const MOST_BYTES = 2 ** 28
/** Memory that the bytes of files may take, all files under way together. */
const MOST_AT_ONCE = 2 ** 29

const gate = new MemoryGate(MOST_AT_ONCE)
const optionsFor = (name: string): PlainFileOptions => ({ what: 'the file of a picture', name, mostBytes: MOST_BYTES })

/**
 * Reads a picture's file.
 * @param name how messages call it; default its path
 * @throws UserError where it is not there, a link that leads in a circle, a folder, a pipe or a device, or larger than
 *   256 MiB
 */
export const readPictureBytes = (path: string, name = path): Promise<Uint8Array> =>
  readPlainFile(path, optionsFor(name))

/**
 * Reads a picture's file when there is room for it beside the others that are read or decoded, and keeps that room
 * until `use` is done: a file is held twice, as it lies and as the decoder is given it.
 * @throws UserError as {@link readPictureBytes}
 */
export const withPictureBytes = <T>(path: string, name: string, use: (bytes: Uint8Array) => Promise<T>): Promise<T> =>
  withPlainFile(path, optionsFor(name), file => gate.through(2 * file.size, async () => use(await file.read())))
