// The folders of runs on their way through Redis: sent file by file, and put in place all at once.
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { filesBelow } from '@ddlf/data/files-below'
import { makeFolder } from '@ddlf/data/make-folder'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import {
  explained,
  nodeFiles,
  readWholeFile,
  sha256,
  syncFolder,
  temporaryName,
  writeFileAtomic,
} from '../../runs/atomic-file.ts'
import { ownPath } from '../../runs/run-files.ts'
import { runLockOwner } from '../../runs/run-lock.ts'
import { isRunName, nameOfRun, realPath, runPlace, type RunFolder } from '../../runs/run-place.ts'
import { replaceRun } from '../../runs/run-trash.ts'
import { KEYS, EXPIRY } from './queue-messages.ts'

/** Bytes of one value in Redis. */
const PIECE = 8 * 2 ** 20
const UNSENT = /^lock-\d+(\.released)?\.json$|^\..*\.tmp$|\.tmp$/

/** This machine, this start of it, and what this process sees of its files; found once. */
let host: readonly string[] | undefined

function hostId(): readonly string[] {
  let boot = ''
  try {
    boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    // Not Linux: the name of the host has to do.
  }
  let space = ''
  try {
    space = fs.readlinkSync('/proc/self/ns/mnt')
  } catch {
    // As above.
  }
  return [os.hostname(), boot, space]
}

/** Says whether two processes have the same folder of runs: this machine, this start of it, this path. */
export function rootIdOf(root: string): string {
  host ??= hostId()
  return JSON.stringify([...host, realPath(root) ?? path.resolve(root)])
}

const manifestSchema = z.object({
  /** The key of the pieces. */
  key: z.string(),
  /** By run and by file below its folder. */
  runs: z.record(z.string(), z.record(z.string(), z.object({ bytes: z.number().int().min(0), sha256: z.string() }))),
})

/** What a sending holds. It is written behind the last piece: what has none is no sending. */
type Manifest = z.infer<typeof manifestSchema>

/** `experiment/id/path/in/run#piece` */
const fieldOf = (run: string, file: string, piece: number) => `${run}/${file}#${piece}`

/** The pieces of a file; one, if empty, of an empty one. */
const piecesOf = (bytes: number) => Math.max(1, Math.ceil(bytes / PIECE))

async function readManifest(
  redis: Redis,
  id: string,
): Promise<{ readonly text: string; readonly sent: Manifest } | null> {
  const text = await redis.get(KEYS.sent(id))
  return text === null ? null : { text, sent: manifestSchema.parse(JSON.parse(text)) }
}

/**
 * Sends runs: every file of theirs but locks and what is not finished. They lie under a new key, and take the place of
 * what was sent before when the last piece is there: a sender that dies on its way leaves that as it is.
 */
export async function sendRuns(redis: Redis, id: string, root: string, runs: readonly string[]): Promise<void> {
  const key = KEYS.files(id, randomUUID())
  const sent: Record<string, Manifest['runs'][string]> = {}
  for (const run of runs) {
    const [experiment = '', name = ''] = run.split('/')
    const place = runPlace(root, experiment, name)
    if (!place) continue
    const files = (sent[run] = {} as Manifest['runs'][string])
    // What has a name that is no text is no file of a run.
    for (const name of filesBelow(place.folder)) {
      if (UNSENT.test(path.basename(name))) continue
      const { buffer, byteOffset, length } = readWholeFile(ownPath(place.folder, path.join(place.folder, name)))
      const bytes = Buffer.from(buffer, byteOffset, length)
      for (let piece = 0; piece < piecesOf(length); piece++)
        await redis.hset(key, fieldOf(run, name, piece), bytes.subarray(piece * PIECE, (piece + 1) * PIECE))
      // Of a sender that dies nothing stays for ever.
      await redis.expire(key, EXPIRY.files)
      files[name] = { bytes: length, sha256: sha256(bytes) }
    }
  }
  const before = await readManifest(redis, id)
  await redis.set(KEYS.sent(id), JSON.stringify({ key, runs: sent } satisfies Manifest), 'EX', EXPIRY.files)
  if (before) await redis.del(before.sent.key)
}

/** Forgets what was sent of the runs of a piece of work. */
export async function forgetRuns(redis: Redis, id: string): Promise<void> {
  const before = await readManifest(redis, id)
  await redis.del(KEYS.sent(id), ...(before ? [before.sent.key] : []))
}

/** Milliseconds: a trainer whose coordinator was killed is saving its last checkpoint. */
const LOCK = { look: 200, patience: 30_000 } as const

/**
 * Fetches runs that were sent whole, and puts each in its place: whole, or as it was before. What lay there goes to the
 * trash.
 * @param options.patience milliseconds to wait for a run that a process works on
 * @returns those that came
 * @throws UserError where a process still works on one of them here, or a file is not what was sent
 */
export async function fetchRuns(
  redis: Redis,
  id: string,
  root: string,
  runs: readonly string[],
  options: { readonly patience?: number } = {},
): Promise<string[]> {
  const { patience = LOCK.patience } = checkOptions('fetchRuns', options, ['patience'])
  for (const run of runs) recover(targetOf(root, run))
  const manifest = await readManifest(redis, id)
  if (!manifest) return []
  const came: string[] = []
  for (const run of runs) {
    const target = targetOf(root, run)
    const files = manifest.sent.runs[run]
    if (!files) continue
    const temporary = temporaryName(target.folder)
    explained(temporary, () => {
      for (const folder of ['checkpoints', 'artifacts']) makeFolder(path.join(temporary, folder))
    })
    try {
      for (const [file, wanted] of Object.entries(files))
        await fetchFile(redis, { key: manifest.sent.key, run, file, ...wanted }, temporary)
      await released(target, patience)
      place(temporary, target, root)
    } catch (error) {
      fs.rmSync(temporary, { recursive: true, force: true })
      // A newer sending took the place of this one meanwhile.
      const now = error instanceof Incomplete ? await readManifest(redis, id) : null
      if (now && now.text !== manifest.text) return fetchRuns(redis, id, root, runs, options)
      throw error
    }
    came.push(run)
  }
  return came
}

/** The place of a run that comes. @throws UserError where the text is no name of a run */
function targetOf(root: string, run: string): RunFolder {
  const [experiment = '', id = '', ...more] = run.split('/')
  if (isRunName(experiment) && isRunName(id) && more.length === 0)
    return { experiment, id, folder: path.resolve(root, experiment, id) }
  throw new UserError({ rule: 'A worker sends runs, each by its name.', received: run })
}

/** A file that did not come as it was sent. */
class Incomplete extends UserError {}

/** One file of a sending. */
interface SentFile {
  readonly key: string
  readonly run: string
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

/** @throws UserError where the file is not, to the byte, what was sent, or leads out of the run */
async function fetchFile(redis: Redis, { key, run, file, ...wanted }: SentFile, folder: string): Promise<void> {
  // What leads out of the run's folder is refused.
  const target = ownPath(folder, path.join(folder, file))
  explained(target, () => { makeFolder(path.dirname(target)) })
  const pieces: Uint8Array[] = []
  for (let piece = 0; piece < piecesOf(wanted.bytes); piece++)
    pieces.push((await redis.hgetBuffer(key, fieldOf(run, file, piece))) ?? Buffer.alloc(0))
  const bytes = Buffer.concat(pieces)
  if (bytes.length !== wanted.bytes || sha256(bytes) !== wanted.sha256) {
    throw new Incomplete({
      rule: 'A run comes as it was sent, or not at all.',
      received: `${run}/${file} with ${bytes.length} of ${wanted.bytes} bytes, or others`,
      next: 'Give the work again; what lies here stays as it is.',
    })
  }
  writeFileAtomic(target, bytes)
}

/** Waits until nobody works on the run that lies in a place. @throws UserError where that takes too long */
async function released(run: RunFolder, patience: number): Promise<void> {
  for (let waited = 0; fs.existsSync(run.folder) && runLockOwner(run.folder) !== undefined; waited += LOCK.look) {
    if (waited >= patience)
      throw new UserError({
        rule: 'A run that comes from elsewhere does not replace one that is being worked on.',
        received: nameOfRun(run),
        next: 'Stop what trains it here, and give the work again.',
      })
    await wait(LOCK.look)
  }
}

/** The name of a run that came whole and has not reached its place. */
const fetchedName = ({ folder, id }: RunFolder) => path.join(path.dirname(folder), `.${id}.fetched.tmp`)

/** Puts a run in its place that an earlier fetch, killed between two steps, has left beside it. */
function recover(run: RunFolder): void {
  const fetched = fetchedName(run)
  if (fs.lstatSync(run.folder, { throwIfNoEntry: false }) || !fs.existsSync(fetched)) return
  explained(run.folder, () => {
    fs.renameSync(fetched, run.folder)
  })
}

/**
 * Moves a whole folder to its place; what was there goes to the trash. Nothing else in the folder of the experiment is
 * touched: its other runs may be training.
 */
function place(temporary: string, run: RunFolder, root: string): void {
  const fetched = fetchedName(run)
  explained(run.folder, () => {
    // Of a fetch that was killed before its run took its place; this one is newer.
    fs.rmSync(fetched, { recursive: true, force: true })
    fs.renameSync(temporary, fetched)
  })
  try {
    if (fs.lstatSync(run.folder, { throwIfNoEntry: false })) replaceRun(root, run)
    explained(run.folder, () => {
      fs.renameSync(fetched, run.folder)
      syncFolder(path.dirname(run.folder), nodeFiles)
    })
  } catch (error) {
    fs.rmSync(fetched, { recursive: true, force: true })
    throw error
  }
}
