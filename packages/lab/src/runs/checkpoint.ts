// A checkpoint is one safetensors file (tensors, and the loop's state in the metadata), so it cannot be half-written.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import {
  explained,
  nodeFiles,
  quietly,
  readWholeFile,
  syncFolder,
  temporaryName,
  writeFileAtomic,
  withFile,
  writeTemporaryFile,
  type FileOperations,
} from './atomic-file.ts'
import { parseExact, stringifyExact } from './exact-json.ts'
import { assertBound, parseOrigin, type RunOrigin } from './run-origin.ts'
import type { RunRecord } from './run-record.ts'
import type { Checkpoint, CheckpointName, LoopState } from './run-store.ts'
import { decodeSafetensors, decodeSafetensorsHead, safetensorsChunks } from './safetensors.ts'

const FORMAT = 'ddlf-checkpoint-1'
const STEP = /^step-(\d+)\.safetensors$/
const CHECKSUM = '"ddlf.sha256":"'
const BLANK = '0'.repeat(64)

/** A checkpoint as its file holds it: with what decided it, where that was known. */
export interface StoredCheckpoint extends Checkpoint {
  readonly origin?: RunOrigin
}

/** The file of a checkpoint by its name. */
export const checkpointFile = (folder: string, name: CheckpointName): string => {
  const [, step] = name.split('step-')
  return path.join(folder, `${step === undefined ? name : `step-${step.padStart(9, '0')}`}.safetensors`)
}

const sha256 = (chunks: readonly Uint8Array[]) => {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** Where the 64 hexadecimal digits of the checksum lie in the header; the quotes cannot occur inside a JSON text. */
function checksumOffset(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offset = view.indexOf(CHECKSUM)
  return offset < 0 || offset + CHECKSUM.length + 64 > bytes.length ? undefined : offset + CHECKSUM.length
}

/** The pieces of a checkpoint's file. The checksum covers every other byte of it. */
function encodeCheckpoint({ tensors, loop, origin }: StoredCheckpoint): Uint8Array[] {
  const metadata = {
    'ddlf.format': FORMAT,
    'ddlf.sha256': BLANK,
    'ddlf.loop': stringifyExact(loop),
    ...(origin && { 'ddlf.origin': stringifyExact(origin) }),
  }
  const chunks = safetensorsChunks(tensors, metadata)
  const header = chunks[0]
  const offset = header && checksumOffset(header)
  if (header === undefined || offset === undefined) throw new Error('a checkpoint header holds its checksum')
  header.set(new TextEncoder().encode(sha256(chunks)), offset)
  return chunks
}

const isLoopState = (value: unknown): value is LoopState =>
  typeof value === 'object' &&
  value !== null &&
  ['epoch', 'stepInEpoch', 'globalStep'].every(name => Number.isFinite((value as Record<string, unknown>)[name]))

/**
 * Decodes a checkpoint's file and verifies its checksum.
 * @param file its name for the message
 * @throws UserError where it is damaged, or a safetensors file that is no checkpoint
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string): StoredCheckpoint {
  const damaged = (received: string, cause?: unknown) =>
    new UserError(
      {
        rule: 'The checkpoint is not as it was written.',
        received: `${file}: ${received}`,
        next: 'Resume from another checkpoint of the run, or start it again.',
      },
      { cause },
    )
  let decoded: ReturnType<typeof decodeSafetensors>
  try {
    decoded = decodeSafetensors(bytes)
  } catch (error) {
    throw error instanceof UserError ? damaged(error.message, error) : error
  }
  const { tensors, metadata } = decoded
  const { 'ddlf.format': format, 'ddlf.loop': loopText, 'ddlf.origin': originText, 'ddlf.sha256': expected } = metadata
  const offset = checksumOffset(bytes)
  if (format !== FORMAT || loopText === undefined || expected?.length !== 64 || offset === undefined) {
    throw damaged(`it is a safetensors file without the loop state of ${FORMAT}`)
  }
  const actual = sha256([bytes.subarray(0, offset), new TextEncoder().encode(BLANK), bytes.subarray(offset + 64)])
  if (actual !== expected) throw damaged(`SHA-256 ${actual} instead of ${expected}`)
  let loop: unknown
  quietly(() => (loop = parseExact(loopText)))
  if (!isLoopState(loop)) throw damaged('the loop state lacks epoch, stepInEpoch or globalStep')
  let origin: RunOrigin | undefined
  if (originText !== undefined) {
    quietly(() => (origin = parseOrigin(parseExact(originText))))
    // What says nothing is of an older version; what says what cannot be read may be another run's.
    if (!origin) throw damaged('its origin (ddlf.origin) cannot be read')
  }
  const plain = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data }]),
  )
  return { tensors: plain, loop, ...(origin && { origin }) }
}

/**
 * Saves a checkpoint under one or more names (`last`, `best`, `step-N`). It is written and synced once under a
 * temporary name and then moved to each name, `last` at the end: a kill or a full disk at any instant leaves every name
 * with its old checkpoint or the new one, whole. Names saved together are links to one file; nothing changes a
 * checkpoint in place.
 * @param folder the run's `checkpoints` folder
 * @throws UserError where the disk is full or the folder is not writable; earlier checkpoints stay as they are
 */
export function saveCheckpoint(
  folder: string,
  names: CheckpointName | readonly CheckpointName[],
  checkpoint: StoredCheckpoint,
  files: FileOperations = nodeFiles,
): void {
  const list: readonly CheckpointName[] = typeof names === 'string' ? [names] : names
  // `last` vouches for the others: a run that resumes from an older `last` writes the others again, with the same
  // content.
  const targets = list
    .toSorted((a, b) => Number(a === 'last') - Number(b === 'last'))
    .map(name => checkpointFile(folder, name))
  const final = targets.pop()
  if (final === undefined) return
  const chunks = encodeCheckpoint(checkpoint)
  const temporary = writeTemporaryFile(final, chunks, files)
  try {
    for (const target of targets) linkAs(temporary, target, chunks, files)
    explained(final, () => {
      files.rename(temporary, final)
      syncFolder(folder, files)
    })
  } catch (error) {
    quietly(() => files.remove(temporary))
    throw error
  }
}

/** Gives a finished file a second name, replacing what had it; a copy where the file system has no links. */
function linkAs(finished: string, target: string, chunks: readonly Uint8Array[], files: FileOperations): void {
  const link = temporaryName(target)
  try {
    files.link(finished, link)
  } catch {
    writeFileAtomic(target, chunks, files)
    return
  }
  try {
    explained(target, () => files.rename(link, target))
  } catch (error) {
    quietly(() => files.remove(link))
    throw error
  }
}

/**
 * Loads a checkpoint and verifies its checksum.
 * @param record given: the checkpoint must be of this run and its settings, as far as it says
 * @returns undefined where there is none of that name
 * @throws UserError where it is damaged, naming the other checkpoints of the folder
 */
export function loadCheckpoint(folder: string, name: CheckpointName, record?: RunRecord): StoredCheckpoint | undefined {
  const file = checkpointFile(folder, name)
  if (!fs.existsSync(file)) return undefined
  let checkpoint: StoredCheckpoint
  try {
    checkpoint = decodeCheckpoint(readWholeFile(file), file)
  } catch (error) {
    const others = checkpointNames(folder).filter(other => other !== name)
    if (!(error instanceof UserError) || others.length === 0) throw error
    throw new UserError(
      { ...error.parts, next: `Other checkpoints of the run: ${others.join(', ')}.` },
      { cause: error },
    )
  }
  if (record) assertBound(checkpoint.origin, record, file)
  return checkpoint
}

/**
 * What decided a checkpoint, read from the head of its file alone: nothing else of it is read or verified.
 * @returns undefined where there is no such checkpoint, or it does not say
 */
export function readCheckpointOrigin(folder: string, name: CheckpointName): RunOrigin | undefined {
  let origin: RunOrigin | undefined
  quietly(() => {
    const { 'ddlf.origin': text } = withFile(checkpointFile(folder, name), decodeSafetensorsHead).metadata
    if (text !== undefined) origin = parseOrigin(parseExact(text))
  })
  return origin
}

/** The checkpoints in a folder: `last`, `best`, then `step-N` from the newest. */
export function checkpointNames(folder: string): CheckpointName[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  const steps = names.flatMap(name => STEP.exec(name)?.[1] ?? []).map(Number).sort((a, b) => b - a)
  return [
    ...(['last', 'best'] as const).filter(name => names.includes(`${name}.safetensors`)),
    ...steps.map(step => `step-${step}` as const),
  ]
}

/** Removes the `step-N` checkpoints but the newest `keep`. */
export function pruneStepCheckpoints(folder: string, keep: number, files: FileOperations = nodeFiles): void {
  const steps = checkpointNames(folder).filter(name => name.startsWith('step-'))
  for (const name of steps.slice(keep)) {
    const file = checkpointFile(folder, name)
    explained(file, () => files.remove(file))
  }
}
