// Reads a pinned file into memory: verified before use, and without a second copy of what is large.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { UserError } from '@ddlf/tensor/errors'
import type { PinnedFile } from '../dataset.ts'

/** The error for content that is not what was pinned. */
export const wrongContent = (path: string, sha256: string, received: string) =>
  new UserError({
    rule: `${path} must have the SHA-256 checksum ${sha256}.`,
    received,
    next: 'The file is damaged or another version: remove it, then fetch it again: npm run ddlf -- data pull <set>',
  })

/** Bytes on memory of their own, or shared between threads. */
export const memoryOf = (length: number, shared: boolean) =>
  new Uint8Array(shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length))

/** The SHA-256 of a file, read in pieces. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer)
  return hash.digest('hex')
}

/**
 * Reads a whole file and checks its SHA-256.
 * @param shared put the bytes into a `SharedArrayBuffer`
 * @throws UserError when the checksum differs
 */
export async function readVerified(path: string, { sha256, bytes }: PinnedFile, shared = false): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (bytes !== undefined && size !== bytes)
      throw wrongContent(path, sha256, `a file of ${size} bytes instead of ${bytes}`)
    const content = memoryOf(size, shared)
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(content, at, Math.min(size - at, 1 << 24), at)
      if (bytesRead === 0) throw wrongContent(path, sha256, `a file that ended after ${at} bytes`)
      at += bytesRead
    }
    const received = createHash('sha256').update(content).digest('hex')
    if (received !== sha256) throw wrongContent(path, sha256, received)
    return content
  } finally {
    await file.close()
  }
}

/**
 * Unpacks gzip data into one piece of memory whose size the gzip trailer states (bytes modulo 2^32; RFC 1952, section
 * 2.3.1).
 * @throws UserError when the data is not sound gzip data, or holds more or less than the trailer says
 */
export async function gunzip(packed: Uint8Array, name: string, shared = false): Promise<Uint8Array> {
  const damaged = (received: string, cause?: unknown) =>
    new UserError(
      {
        rule: `${name} is not a sound gzip file.`,
        received,
        next: 'Remove it and fetch it again: npm run ddlf -- data pull <set>',
      },
      { cause },
    )
  if (packed.length < 18) throw damaged(`${packed.length} bytes`)
  const size = new DataView(packed.buffer, packed.byteOffset + packed.length - 4).getUint32(0, true)
  // Deflate shrinks by at most 1032 to 1, so a larger claim is damage and must not reserve memory.
  if (size > packed.length * 1032) throw damaged(`a claim of ${size} bytes from ${packed.length}`)
  const content = memoryOf(size, shared)
  const stream = createGunzip()
  stream.end(packed)
  let at = 0
  try {
    for await (const piece of stream) {
      const bytes = piece as Buffer
      if (at + bytes.length > size) throw damaged(`more than the ${size} bytes that its trailer states`)
      content.set(bytes, at)
      at += bytes.length
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw damaged(error instanceof Error ? error.message : String(error), error)
  }
  if (at !== size) throw damaged(`${at} bytes instead of ${size}`)
  return content
}
