// A lock file: two processes that want the same download take turns, and a lock whose holder died is taken over.
import { randomUUID } from 'node:crypto'
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '../make-folder.ts'

/** How a lock behaves; the defaults suit downloads. */
export interface LockOptions {
  /** A lock whose heartbeat is older than this, in milliseconds, is stale; default 60,000. */
  readonly staleAfter?: number
  /** Time between heartbeats, in milliseconds; default 2,000. */
  readonly heartbeat?: number
  /** Called once when another process holds the lock. */
  readonly onWait?: (holder: string) => void
}

interface Holder {
  readonly pid: number
  readonly host: string
  readonly token: string
}

const errorCode = (error: unknown) => (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** Makes the file if it is not there, in one step. */
async function createExclusively(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

async function readHolder(path: string): Promise<{ holder: Holder | undefined; age: number } | undefined> {
  try {
    const [text, { mtimeMs }] = [await readFile(path, 'utf8'), await stat(path)]
    let holder: Holder | undefined
    try {
      holder = JSON.parse(text) as Holder
    } catch {
      // Being written this moment, or cut off: then only its age counts.
    }
    // A date ahead, by a clock that was wrong, is no fresher than one as far behind.
    return { holder, age: Math.abs(Date.now() - mtimeMs) }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

const isStale = ({ holder, age }: { holder: Holder | undefined; age: number }, staleAfter: number) =>
  age > staleAfter || (holder !== undefined && holder.host === hostname() && !isAlive(holder.pid))

/** Removes a stale lock. A second lock keeps two processes from removing the lock that the other has just taken. */
async function removeIfStale(path: string, staleAfter: number) {
  const guard = `${path}.takeover`
  if (!(await createExclusively(guard, ''))) {
    const held = await readHolder(guard)
    if (held !== undefined && held.age > staleAfter) await rm(guard, { force: true })
    return
  }
  try {
    const held = await readHolder(path)
    if (held !== undefined && isStale(held, staleAfter)) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

/**
 * Does some work while holding `<path>.lock`, waiting as long as another process does the same. What is guarded must
 * stay right even without the lock (contents are verified and renamed into place): the lock saves double work.
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  options: LockOptions = {},
): Promise<Result> {
  const { staleAfter = 60_000, heartbeat = 2_000, onWait } = options
  const lock = `${path}.lock`
  const token = randomUUID()
  makeFolder(dirname(lock))
  let announced = false
  while (
    !(await createExclusively(lock, JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder)))
  ) {
    const held = await readHolder(lock)
    if (held === undefined) continue
    if (isStale(held, staleAfter)) {
      await removeIfStale(lock, staleAfter)
      continue
    }
    if (!announced)
      onWait?.(held.holder === undefined ? 'another process' : `process ${held.holder.pid} on ${held.holder.host}`)
    announced = true
    await sleep(Math.min(heartbeat, 200))
  }
  const beat = setInterval(() => {
    const now = new Date()
    // A lock that vanished is no reason to fail: see above.
    utimes(lock, now, now).catch(() => undefined)
  }, heartbeat)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    const held = await readHolder(lock)
    if (held?.holder?.token === token) await rm(lock, { force: true })
  }
}
