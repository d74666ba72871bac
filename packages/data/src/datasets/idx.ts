// The IDX format of MNIST and its relatives: a magic number, the extents, then raw bytes.
import { UserError } from '@ddlf/tensor/errors'

const HEADER_TYPE_UINT8 = 0x08

/** A decoded IDX file of unsigned bytes. */
export interface IdxArray {
  readonly shape: readonly number[]
  /** A view of the file's own bytes: nothing is copied. */
  readonly data: Uint8Array
}

/**
 * Reads an IDX file of unsigned bytes.
 * Format: bytes 0-1 zero, byte 2 the element type (0x08 = uint8), byte 3 the number of dimensions, then one
 * big-endian 32-bit extent each, then the elements in row-major order (LeCun, Cortes and Burges, "The MNIST database").
 * @param bytes the whole file, uncompressed
 * @param expected number of dimensions that the caller needs (3 for images, 1 for labels)
 * @param name how messages call the file
 * @throws UserError on a wrong magic number, another number of dimensions, a truncated file or trailing bytes
 */
export function readIdx(bytes: Uint8Array, expected: number, name: string): IdxArray {
  const damaged = (rule: string, received: string) =>
    new UserError({
      rule: `${name} is not a sound IDX file: ${rule}.`,
      received,
      next: 'Remove the file and fetch it again: npm run ddlf -- data pull <set>',
    })
  if (bytes.length < 4) throw damaged('it must begin with a magic number of 4 bytes', `${bytes.length} bytes`)
  const hex = Array.from(bytes.subarray(0, 4), byte => byte.toString(16).padStart(2, '0')).join(' ')
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== HEADER_TYPE_UINT8) {
    throw damaged(`the magic number of unsigned bytes is 00 00 08 0${expected}`, hex)
  }
  const dimensions = bytes[3] as number
  if (dimensions !== expected)
    throw damaged(`it must have ${expected} dimension${expected === 1 ? '' : 's'}`, `${dimensions} (${hex})`)
  const header = 4 + 4 * dimensions
  if (bytes.length < header) throw damaged(`the header has ${header} bytes`, `${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: dimensions }, (_, k) => view.getUint32(4 + 4 * k))
  // Extents are 32-bit, so a product of three may pass 2^53: as a float it is still far above any file's size, and is
  // refused below.
  const elements = shape.reduce((product, extent) => product * extent, 1)
  if (bytes.length < header + elements) {
    throw damaged(
      `shape [${shape.join(', ')}] needs ${header + elements} bytes (the file is truncated)`,
      `${bytes.length} bytes`,
    )
  }
  if (bytes.length > header + elements) {
    throw damaged(
      `shape [${shape.join(', ')}] ends after ${header + elements} bytes (there are trailing bytes)`,
      `${bytes.length} bytes`,
    )
  }
  return { shape, data: bytes.subarray(header) }
}
