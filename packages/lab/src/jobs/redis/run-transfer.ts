// The folders of runs on their way through Redis: sent file by file, and put in place all at once.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { filesBelow } from '@ddlf/data/files-below'
import { makeFolder } from '@ddlf/data/make-folder'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Redis } from 'ioredis'
import {
  explained,
  nodeFiles,
  readWholeFile,
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

/** Says whether two processes have the same folder of runs: this machine, this start of it, this path. */
export function rootIdOf(root: string): string {
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
  return JSON.stringify([os.hostname(), boot, space, realPath(root) ?? path.resolve(root)])
}

/** `experiment/id/path/in/run#piece` */
const fieldOf = (run: string, file: string, piece: number) => `${run}/${file.split(path.sep).join('/')}#${piece}`

/** Sends runs: every file of theirs but locks and what is not finished. */
export async function sendRuns(redis: Redis, id: string, root: string, runs: readonly string[]): Promise<void> {
  const key = KEYS.files(id)
  await redis.del(key)
  for (const run of runs) {
    const [experiment = '', name = ''] = run.split('/')
    const place = runPlace(root, experiment, name)
    if (!place) continue
    // What has a name that is no text is no file of a run.
    for (const name of filesBelow(place.folder)) {
      if (UNSENT.test(path.basename(name))) continue
      const file = path.join(place.folder, name)
      const { buffer, byteOffset, length } = readWholeFile(ownPath(place.folder, file))
      const bytes = Buffer.from(buffer, byteOffset, length)
      for (let piece = 0; piece === 0 || piece * PIECE < bytes.length; piece++) {
        await redis.hset(key, fieldOf(run, name, piece), bytes.subarray(piece * PIECE, (piece + 1) * PIECE))
      }
    }
  }
  await redis.expire(key, EXPIRY.files)
}

/** Milliseconds: a trainer whose coordinator was killed is saving its last checkpoint. */
const LOCK = { look: 200, patience: 30_000 } as const

/**
 * Fetches runs that were sent, and puts each in its place: whole, or as it was before. What lay there goes to the
 * trash.
 * @param options.patience milliseconds to wait for a run that a process works on
 * @returns those that came
 * @throws UserError where a process still works on one of them here
 */
export async function fetchRuns(
  redis: Redis,
  id: string,
  root: string,
  runs: readonly string[],
  options: { readonly patience?: number } = {},
): Promise<string[]> {
  const { patience = LOCK.patience } = checkOptions('fetchRuns', options, ['patience'])
  const key = KEYS.files(id)
  const fields = await redis.hkeys(key)
  const came: string[] = []
  for (const run of runs) {
    const [experiment = '', name = '', ...more] = run.split('/')
    if (!isRunName(experiment) || !isRunName(name) || more.length > 0)
      throw new UserError({ rule: 'A worker sends runs, each by its name.', received: run })
    const target = { experiment, id: name, folder: path.resolve(root, experiment, name) }
    recover(target)
    const own = fields.filter(field => field.startsWith(`${run}/`))
    if (own.length === 0) continue
    const temporary = temporaryName(target.folder)
    explained(temporary, () => {
      for (const folder of ['checkpoints', 'artifacts']) makeFolder(path.join(temporary, folder))
    })
    try {
      await fetchFiles(redis, key, own, run, temporary)
      await released(target, patience)
      place(temporary, target, root)
    } catch (error) {
      fs.rmSync(temporary, { recursive: true, force: true })
      throw error
    }
    came.push(run)
  }
  return came
}

async function fetchFiles(
  redis: Redis,
  key: string,
  fields: readonly string[],
  run: string,
  folder: string,
): Promise<void> {
  const pieces = new Map<string, string[]>()
  for (const field of fields) {
    const at = field.lastIndexOf('#')
    const file = field.slice(run.length + 1, at)
    const list = pieces.get(file) ?? []
    list[Number(field.slice(at + 1))] = field
    pieces.set(file, list)
  }
  for (const [file, list] of pieces) {
    // What leads out of the run's folder is refused.
    const target = ownPath(folder, path.join(folder, file))
    explained(target, () => { makeFolder(path.dirname(target)) })
    const bytes: Uint8Array[] = []
    for (const field of list) bytes.push((await redis.hgetBuffer(key, field)) ?? Buffer.alloc(0))
    writeFileAtomic(target, bytes)
  }
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
