// One process at a time works on a run. Kill -9 safe: a dead owner is recognised and its lock taken over, exactly once.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import {
  errorCode,
  explained,
  nodeFiles,
  quietly,
  readWholeFile,
  sha256,
  writeTemporaryFile,
  type FileOperations,
} from './atomic-file.ts'

const ownerSchema = z.object({
  pid: z.number(),
  /** Tells a process from a later one with the same pid; null where the system does not say. */
  processStart: z.string().nullable(),
  host: z.string(),
  /** The boot of the host, null where unknown. */
  boot: z.string().nullable(),
  /** The installation of the system, by which it is known after a start; null where unknown. */
  machine: z.string().nullable().optional(),
  /** The space that the pid belongs to: containers on one host do not see each other's processes. */
  pidSpace: z.string().nullable(),
  acquiredAt: z.string(),
  /** Tells this lock from a later one of the same generation, taken after somebody removed the file by hand. */
  token: z.string().optional(),
})

/** Who holds a lock. */
export type LockOwner = z.infer<typeof ownerSchema>

/** A held lock. */
export interface RunLock {
  /** Counts the owners of the run: a later owner has a greater number. */
  readonly generation: number
  /** False after {@link release}, and after another process took the lock over because this one seemed dead. */
  isHeld(): boolean
  /** @throws UserError where the lock was lost: the process must stop writing to the run */
  assertHeld(): void
  /** Shows other hosts that the owner is alive; also done every 15 seconds by a timer. */
  heartbeat(): void
  /** Gives the run free. Never throws. */
  release(): void
}

const HEARTBEAT_SECONDS = 15
/** An owner on another host that gave no heartbeat for so long counts as dead. */
const STALE_SECONDS = 120

const read = (file: string): string | null => {
  try {
    return fs.readFileSync(file, 'utf8').trim()
  } catch {
    return null
  }
}

/** A lock file, which is never a link or a pipe. @throws where it is not there, or cannot be read */
const readLock = (file: string): string => Buffer.from(readWholeFile(file)).toString().trim()

/** When a process started, in the system's own words; null where it does not run or the system does not say. */
function processStart(pid: number): string | null {
  if (process.platform === 'linux') {
    const status = read(`/proc/${pid}/stat`)
    // Fields from the third (state) on; the second is a name in parentheses that may itself hold spaces and
    // parentheses.
    const fields = status?.slice(status.lastIndexOf(')') + 2).split(' ') ?? []
    // A zombie was killed and only waits for its parent to ask.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  }
  if (process.platform === 'win32') return null
  try {
    return (
      execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim() || null
    )
  } catch {
    return null
  }
}

/** Says which installation of a system this is, without giving away its identity (see machine-id(5)). */
const machineId = (): string | null => {
  const id = read('/etc/machine-id') ?? read('/var/lib/dbus/machine-id')
  return id ? sha256(`ddlf lock ${id}`).slice(0, 16) : null
}

/** This process as an owner. */
export const thisProcess = (): LockOwner => {
  let pidSpace: string | null = null
  quietly(() => (pidSpace = process.platform === 'linux' ? fs.readlinkSync('/proc/self/ns/pid') : null))
  return {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: os.hostname(),
    boot: read('/proc/sys/kernel/random/boot_id'),
    machine: machineId(),
    pidSpace,
    acquiredAt: new Date().toISOString(),
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/**
 * Whether the owner is alive, as far as `here` can tell; `silence` is the seconds between its last heartbeat and now: a
 * clock far ahead says as little as one far behind.
 */
function isAlive(owner: LockOwner | undefined, here: LockOwner, silence: number): boolean {
  const isFresh = silence < STALE_SECONDS
  if (!owner || owner.host !== here.host) return isFresh
  // Many machines are called `localhost`: another boot is an earlier one only where it is the same machine.
  if (owner.boot !== here.boot) return owner.machine != null && owner.machine === here.machine ? false : isFresh
  if (owner.pidSpace !== here.pidSpace) return isFresh
  if (!processExists(owner.pid)) return false
  return owner.processStart === null || owner.processStart === processStart(owner.pid)
}

// The file of the highest generation is the lock. A generation is created exactly once (link fails where it exists) and
// an owner removes only lower ones, so two processes that both find a dead owner cannot both become the next.
// No process of ours reaches a generation of more than twelve digits: such a name is somebody else's file.
const NAME = /^lock-(\d{1,12})(\.released)?\.json$/

interface LockFile {
  file: string
  generation: number
  released: boolean
}

function lockFiles(folder: string): LockFile[] {
  const found = fs.readdirSync(folder).flatMap(name => {
    const match = NAME.exec(name)
    return match
      ? [{ file: path.join(folder, name), generation: Number(match[1]), released: match[2] !== undefined }]
      : []
  })
  return found.sort((a, b) => b.generation - a.generation || Number(a.released) - Number(b.released))
}

/**
 * Undefined where the file is gone.
 * @throws UserError where it is there and cannot be read: whose the run is nobody knows then
 */
function readOwner(file: string): { owner: LockOwner | undefined; silence: number } | undefined {
  let text = ''
  try {
    text = readLock(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    const status = fs.lstatSync(file, { throwIfNoEntry: false })
    // A link, a pipe or a folder names no owner; a plain file that the system refuses may well name a living one.
    if (status?.isFile()) throw unreadableLock(file, error)
  }
  const status = fs.lstatSync(file, { throwIfNoEntry: false })
  if (!status) return undefined
  let owner: LockOwner | undefined
  quietly(() => (owner = ownerSchema.parse(JSON.parse(text))))
  return { owner, silence: Math.abs(Date.now() - status.mtimeMs) / 1000 }
}

/** The system's code, behind its explanation too. */
const systemCode = (error: unknown): string | undefined =>
  errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined)

const unreadableLock = (file: string, error: unknown) => new UserError({
  rule: 'The lock of the run cannot be read, so nobody knows whether a process works on it.',
  received: `${systemCode(error) ?? 'an error'} at ${file}`,
  next: 'Give yourself the right to read it; where certainly nothing works on the run, remove it.',
}, { cause: error })

interface LockState {
  /** The highest generation so far, 0 where nobody ever held the lock. */
  generation: number
  /** The living holder, if any. */
  holder: LockOwner | 'unknown' | undefined
}

function lockState(folder: string, here: LockOwner): LockState {
  for (;;) {
    const [top] = lockFiles(folder)
    if (!top || top.released) return { generation: top?.generation ?? 0, holder: undefined }
    const state = readOwner(top.file)
    // Gone between listing and reading: released or taken over just now.
    if (!state) continue
    return {
      generation: top.generation,
      holder: isAlive(state.owner, here, state.silence) ? (state.owner ?? 'unknown') : undefined,
    }
  }
}

/**
 * Who works on the run now; undefined where nobody does (free, released, or the owner died).
 * An owner that left no readable name is given as `'unknown'` until it has been silent long enough.
 */
export const runLockOwner = (folder: string, here: LockOwner = thisProcess()): LockOwner | 'unknown' | undefined =>
  explained(folder, () => lockState(folder, here).holder)

const refuse = (folder: string, owner: LockOwner | 'unknown', subject: string): UserError => {
  const [top] = lockFiles(folder)
  return new UserError({
    rule: `Another process works on this ${subject}.`,
    received:
      owner === 'unknown'
        ? `${folder} is held by an unknown process`
        : `${folder} is held by process ${owner.pid} on ${owner.host} since ${owner.acquiredAt}`,
    next: `Wait until it ends, or stop it. If it is certainly gone, remove ${top?.file ?? 'the lock file'}.`,
  })
}

/** Creates the lock file with its content at once; false where it exists. */
function createLock(file: string, owner: LockOwner, files: FileOperations): boolean {
  const temporary = writeTemporaryFile(file, [new TextEncoder().encode(JSON.stringify(owner, null, 2) + '\n')], files)
  try {
    files.link(temporary, file)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(errorCode(error) ?? '')) throw error
    // A file system without links: creation is still exclusive, but a kill before the write leaves an empty lock,
    // which counts as dead once it has been silent long enough.
    let descriptor: number
    try {
      descriptor = files.open(file, 'wx')
    } catch (second) {
      if (errorCode(second) === 'EEXIST') return false
      throw second
    }
    files.write(descriptor, fs.readFileSync(temporary))
    files.close(descriptor)
    return true
  } finally {
    quietly(() => files.remove(temporary))
  }
}

/**
 * Takes the lock of a run's folder (or of what else `subject` names in messages), taking it over where its owner is
 * dead: on this host by the process itself (pid and start time), on other hosts, and on another machine of this name,
 * by two minutes without a heartbeat.
 * @throws UserError naming the owner where a living process holds it, or where the folder is not writable
 */
export function acquireRunLock(
  folder: string,
  options: { files?: FileOperations; owner?: LockOwner; subject?: string } = {},
): RunLock {
  checkOptions('acquireRunLock', options, ['files', 'owner', 'subject'])
  const { files = nodeFiles, owner: process = thisProcess(), subject = 'run' } = options
  const token = randomUUID()
  const owner = { ...process, token }
  return explained(folder, () => {
    for (;;) {
      // One look decides both who holds the lock and which generation comes next: with two, another could take it
      // between.
      const { generation: latest, holder } = lockState(folder, owner)
      if (holder) throw refuse(folder, holder, subject)
      const generation = latest + 1
      const file = path.join(folder, `lock-${String(generation).padStart(6, '0')}.json`)
      if (!createLock(file, owner, files)) continue
      const others = lockFiles(folder).filter(other => other.file !== file)
      // Another process went through take-over and release while this one looked: its generation is the later one.
      if (others.some(other => other.generation >= generation)) {
        files.remove(file)
        continue
      }
      for (const other of others) quietly(() => files.remove(other.file))
      return heldLock(folder, file, generation, token, files, subject)
    }
  })
}

function heldLock(
  folder: string,
  file: string,
  generation: number,
  token: string,
  files: FileOperations,
  subject: string,
): RunLock {
  let held = true
  const beat = () =>
    quietly(() => {
      // A process that was suspended must not keep another's lock of the same name alive.
      if (readLock(file).includes(token)) fs.lutimesSync(file, new Date(), new Date())
    })
  const timer = setInterval(beat, HEARTBEAT_SECONDS * 1000)
  timer.unref()
  const isHeld = () => {
    if (!held) return false
    let top: LockFile | undefined
    quietly(() => (top = lockFiles(folder)[0]))
    return top?.file === file && read(file)?.includes(token) === true
  }
  return {
    generation,
    isHeld,
    assertHeld: () => {
      if (isHeld()) return
      throw new UserError({
        rule: `This process no longer holds the lock of the ${subject}.`,
        received: folder,
        next: `Another process went on with the ${subject}, or its folder was removed; look there.`,
      })
    },
    heartbeat: beat,
    release: () => {
      clearInterval(timer)
      // A rename needs no space, so a full disk does not keep the run locked.
      if (isHeld()) quietly(() => files.rename(file, file.replace(/\.json$/, '.released.json')))
      held = false
    },
  }
}

/**
 * The file system of the one who holds a run's lock. A writer that was suspended (or cut off on another host) may wake
 * after another took the run over; what it does then must not reach the run:
 * - Nothing is written or moved to a final name without asking the lock first.
 * - That leaves the instant between asking and acting. The one who takes over removes all temporary files and gives
 *   each
 *   file that grows a new inode (`replaceAppendFile`), so that what is moved late is gone, and what is appended late
 *   lands in a file without a name.
 */
export function fencedFiles(files: FileOperations, lock: Pick<RunLock, 'assertHeld'>): FileOperations {
  const fenced =
    <Arguments extends unknown[], Result>(operation: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      lock.assertHeld()
      return operation(...args)
    }
  return {
    ...files,
    open: fenced(files.open),
    write: fenced(files.write),
    truncate: fenced(files.truncate),
    rename: fenced(files.rename),
    link: fenced(files.link),
    makeFolder: fenced(files.makeFolder),
  }
}
