// Checksums of data that are in no file: of the numbers themselves.
import { createHash } from 'node:crypto'
import type { Dataset } from '@ddlf/data'

/** SHA-256 by part of the columns of data sets, for example `rings/train`. */
export const columnChecksums = (
  name: string,
  parts: Readonly<Record<string, Dataset | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, set]) => (set ? [[`${name}/${part}`, checksumOf(set)] as const] : [])),
  )

function checksumOf({ length, columns }: Dataset): string {
  const hash = createHash('sha256').update(String(length))
  for (const [name, { dtype, shape, data, starts }] of Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\0${name} ${dtype} ${shape.join(' ')}\0`)
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    if (starts) hash.update(new Uint8Array(starts.buffer, starts.byteOffset, starts.byteLength))
  }
  return hash.digest('hex')
}
