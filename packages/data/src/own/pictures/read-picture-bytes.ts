// The bytes of a picture of the user's.
import { readPlainFile } from '../read-plain-file.ts'

/** Largest file that is read. */
const MOST_BYTES = 2 ** 28

/**
 * Reads a picture's file.
 * @param name how messages call it; default its path
 * @throws {UserError} where it is not there, a link that leads in a circle, a folder, a pipe or a device, or larger than 256 MiB
 */
export const readPictureBytes = (path: string, name = path): Promise<Uint8Array> =>
  readPlainFile(path, { what: 'the file of a picture', name, mostBytes: MOST_BYTES })
