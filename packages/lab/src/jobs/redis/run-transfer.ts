// The folders of runs on their way through Redis: sent file by file, and put in place all at once.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import type { Redis } from 'ioredis'
import {
  explained,
  nodeFiles,
  removeTemporaryFiles,
  syncFolder,
  temporaryName,
  writeFileAtomic,
} from '../../runs/atomic-file.ts'
import { ownPath } from '../../runs/run-files.ts'
import { isRunName, realPath, runPlace } from '../../runs/run-place.ts'
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
    const entries = fs.readdirSync(place.folder, { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile() || UNSENT.test(entry.name)) continue
      const file = path.join(entry.parentPath, entry.name)
      const bytes = fs.readFileSync(ownPath(place.folder, file))
      const name = path.relative(place.folder, file)
      for (let piece = 0; piece === 0 || piece * PIECE < bytes.length; piece++) {
        await redis.hset(key, fieldOf(run, name, piece), bytes.subarray(piece * PIECE, (piece + 1) * PIECE))
      }
    }
  }
  await redis.expire(key, EXPIRY.files)
}

/** Fetches runs that were sent, and puts each in its place: whole, or as it was before. @returns those that came */
export async function fetchRuns(redis: Redis, id: string, root: string, runs: readonly string[]): Promise<string[]> {
  const key = KEYS.files(id)
  const fields = await redis.hkeys(key)
  const came: string[] = []
  for (const run of runs) {
    const [experiment = '', name = ''] = run.split('/')
    const own = fields.filter(field => field.startsWith(`${run}/`))
    if (own.length === 0) continue
    if (!isRunName(experiment) || !isRunName(name))
      throw new UserError({ rule: 'A worker sends runs, each by its name.', received: run })
    const parent = path.resolve(root, experiment)
    explained(parent, () => fs.mkdirSync(parent, { recursive: true }))
    const target = path.join(parent, name)
    const temporary = temporaryName(target)
    explained(temporary, () => {
      for (const folder of ['checkpoints', 'artifacts']) fs.mkdirSync(path.join(temporary, folder), { recursive: true })
    })
    try {
      await fetchFiles(redis, key, own, run, temporary)
      place(temporary, target, parent)
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
    explained(target, () => fs.mkdirSync(path.dirname(target), { recursive: true }))
    const bytes: Uint8Array[] = []
    for (const field of list) bytes.push((await redis.hgetBuffer(key, field)) ?? Buffer.alloc(0))
    writeFileAtomic(target, bytes)
  }
}

/** Moves a whole folder to its place; what was there goes behind it. */
function place(temporary: string, target: string, parent: string): void {
  const replaced = fs.existsSync(target) ? temporaryName(target) : undefined
  explained(target, () => {
    if (replaced !== undefined) fs.renameSync(target, replaced)
    fs.renameSync(temporary, target)
    syncFolder(parent, nodeFiles)
  })
  if (replaced !== undefined) removeTemporaryFiles(parent, nodeFiles)
}
