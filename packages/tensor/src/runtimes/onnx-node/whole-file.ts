// Whether a native library is there to its end: one that is cut off, as by an installation that broke off, loads and
// then takes the process down without a word.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../errors.ts'

const ELF_MAGIC = 0x7f454c46
/** Bytes of the header of a 64-bit ELF file. */
const HEADER = 64

/** Bytes that an ELF file has by its own account, whose section headers come last; `undefined` of another file. */
function bytesAsStated(header: Buffer): number | undefined {
  const is64Bit = header[4] === 2
  const isLittleEndian = header[5] === 1
  if (header.length < HEADER || header.readUInt32BE(0) !== ELF_MAGIC || !is64Bit || !isLittleEndian) return undefined
  return Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c)
}

/** @throws UserError where a library of this platform is cut off; other platforms' loaders refuse it themselves */
export function requireWholeFile(file: string): void {
  const handle = openSync(file, 'r')
  try {
    const header = Buffer.alloc(HEADER)
    const read = readSync(handle, header, 0, HEADER, 0)
    const { size } = fstatSync(handle)
    const stated = bytesAsStated(header.subarray(0, read))
    if (size >= (stated ?? 1)) return
    throw new UserError({
      rule: `The native library ${basename(file)} must be whole.`,
      received: `${size} bytes${stated === undefined ? '' : ` of ${stated}`}`,
      next: 'Delete the folder node_modules and install again: npm ci',
    })
  } finally {
    closeSync(handle)
  }
}
