// Downloads one pinned file: resumed where it stopped, retried, checked against its SHA-256, and only then given its
// name.
import { createHash } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '@ddlf/tensor/errors'
import type { PinnedFile } from '../dataset.ts'
import { makeFolder } from '../make-folder.ts'
import type { Environment } from './folders.ts'
import { openProxiedFetch } from './proxied-fetch.ts'
import type { ProxiedFetch } from './proxied-fetch.ts'
import { sha256Of } from './read.ts'

/** Called while bytes arrive; `total` is undefined when neither the pin nor the server tells it. */
export type OnProgress = (progress: {
  readonly name: string
  readonly bytes: number
  readonly total: number | undefined
}) => void

/** How persistent a download is. */
export interface DownloadOptions {
  readonly onProgress?: OnProgress
  /** Tries at one address without progress, the first included; default 5. */
  readonly attempts?: number
  /** Longest silence of a server in milliseconds; default 30,000. */
  readonly stallTimeout?: number
  /** First pause between tries in milliseconds, doubled each time, with jitter; default 500. */
  readonly backoff?: number
  /** Bytes at which a download ends whose size is not pinned; default 1 GiB. */
  readonly mostBytes?: number
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up; default: that of the process. */
  readonly environment?: Environment
  /** Stops the download; what has arrived stays for the next time. */
  readonly signal?: AbortSignal
}

/** A try that failed. `retry`: worth another try at the same address; `unreachable`: no server answered at all. */
class FailedTry extends Error {
  readonly retry: boolean
  readonly unreachable: boolean
  readonly pause: number | undefined
  constructor(
    message: string,
    { retry, unreachable = false, pause }: { retry: boolean; unreachable?: boolean; pause?: number | undefined },
  ) {
    super(message)
    this.retry = retry
    this.unreachable = unreachable
    this.pause = pause
  }
}

/** Progress of one try that counts as a new start for the number of attempts. */
const GOOD_PROGRESS = 1 << 20
/** Bytes at which a download ends whose size is not pinned. */
const MOST_BYTES = 2 ** 30
const LONGEST_PAUSE = 30_000
/** Tries at an address where nothing answers, so that being offline is found out soon. */
const UNREACHABLE_ATTEMPTS = 2

const sizeOf = async (path: string) => {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

/** An error and what caused it, down to the first cause. */
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push([(cause as NodeJS.ErrnoException).code, cause.message].filter(Boolean).join(': '))
  }
  return causes.length === 0 ? error.message : `${error.message} (${causes.join('; ')})`
}

const codeOf = (error: unknown) =>
  error instanceof Error && error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException).code : undefined
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
])

type Answer = Awaited<ReturnType<ProxiedFetch['fetch']>>

/** The pause that a server asks for with `Retry-After`, in seconds or as a date. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const milliseconds = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(milliseconds) ? Math.min(LONGEST_PAUSE, Math.max(0, milliseconds)) : undefined
}

/**
 * What the server sends.
 * @param at the bytes of the partial file, behind which it was asked to go on
 * @throws FailedTry where it sends nothing, or another part
 */
async function bodyOf(response: Answer, part: string, at: number): Promise<NonNullable<Answer['body']>> {
  if (response.status === 416) {
    await response.body?.cancel()
    await rm(part, { force: true })
    throw new FailedTry('the server could not resume (416)', { retry: true })
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    const passing =
      response.status >= 500 || response.status === 408 || response.status === 425 || response.status === 429
    throw new FailedTry(`the server answered ${response.status} ${response.statusText}`.trim(), {
      retry: passing,
      pause: retryAfter(response.headers.get('retry-after')),
    })
  }
  const range = /^bytes (\d+)-\d*\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '')
  if (response.status === 206 && Number(range?.[1]) !== at) {
    await response.body.cancel()
    await rm(part, { force: true })
    throw new FailedTry('the server sent another range than it was asked for', { retry: true })
  }
  return response.body
}

/** One request: appends to the partial file. Returns when the server has sent everything. */
async function receive(
  client: ProxiedFetch,
  url: string,
  part: string,
  file: PinnedFile,
  { stallTimeout = 30_000, mostBytes = MOST_BYTES, signal, onProgress }: DownloadOptions,
) {
  let at = await sizeOf(part)
  if (file.bytes !== undefined && at >= file.bytes) {
    // Whole already (or too long): the checksum decides, without a request.
    if (at === file.bytes) return
    await rm(part, { force: true })
    at = 0
  }
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), stallTimeout)
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), stallTimeout)
  }
  const stop = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal])
  let answered = false
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity', ...(at > 0 && { range: `bytes=${at}-` }) }
    const response = await client.fetch(url, { headers, signal: stop, redirect: 'follow' })
    answered = true
    heard()
    const body = await bodyOf(response, part, at)
    // Without 206 the server ignored the range and sends everything again.
    if (response.status !== 206) at = 0
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const total = file.bytes ?? (Number.isFinite(length) ? at + length : undefined)
    const target = await open(part, at > 0 ? 'a' : 'w')
    try {
      for await (const piece of body) {
        heard()
        const bytes = piece as Uint8Array
        if (at + bytes.length > (file.bytes ?? mostBytes)) {
          await rm(part, { force: true })
          throw new FailedTry(`the server sent more than the ${file.bytes ?? mostBytes} bytes of the file`, {
            retry: false,
          })
        }
        await target.writeFile(bytes)
        at += bytes.length
        onProgress?.({ name: file.name, bytes: at, total })
      }
      await target.sync()
    } finally {
      await target.close()
    }
    if (file.bytes !== undefined && at < file.bytes)
      throw new FailedTry(`the server stopped after ${at} of ${file.bytes} bytes`, { retry: true })
  } catch (error) {
    if (error instanceof FailedTry) throw error
    signal?.throwIfAborted()
    if (silence.signal.aborted)
      throw new FailedTry(`the server was silent for ${stallTimeout / 1000} s`, { retry: true, unreachable: !answered })
    const code = codeOf(error)
    if (isLocal(error)) throw error
    throw new FailedTry(messageOf(error), { retry: true, unreachable: code !== undefined && UNREACHABLE.has(code) })
  } finally {
    clearTimeout(timer)
  }
}

/** Errors of this machine's file system (disk full, read-only), which no other server can mend. */
const isLocal = (error: unknown) =>
  error instanceof Error &&
  ['ENOSPC', 'EROFS', 'EACCES', 'EPERM', 'EDQUOT', 'EIO', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  ) &&
  'syscall' in error &&
  error.syscall !== 'connect'

/**
 * Downloads a file to `path` from the first of its addresses that serves the right content. Bytes go to `<path>.part`,
 * which a later call resumes; the file gets its name only after its SHA-256 was found right.
 * @throws UserError when no address serves it (each with its reason), or the folder cannot be written
 */
export async function download(file: PinnedFile, path: string, options: DownloadOptions = {}): Promise<void> {
  const { attempts = 5, backoff = 500, signal } = options
  const part = `${path}.part`
  const failures: string[] = []
  const client = await openProxiedFetch(options.environment)
  try {
    makeFolder(dirname(path))
    for (const url of file.urls ?? []) {
      let restarted = false
      for (let attempt = 1; ; attempt++) {
        const before = await sizeOf(part)
        try {
          await receive(client, url, part, file, options)
          const received = await sha256Of(part)
          if (received === file.sha256) {
            await rename(part, path)
            return
          }
          await rm(part, { force: true })
          // A file put together from two tries may be wrong at the seam: it gets one try in one piece.
          const again = before > 0 && !restarted
          restarted = true
          throw new FailedTry(`the content has the SHA-256 ${received} instead of ${file.sha256}`, { retry: again })
        } catch (error) {
          if (!(error instanceof FailedTry)) throw error
          if ((await sizeOf(part)) - before >= GOOD_PROGRESS) attempt = 0
          if (!error.retry || attempt >= (error.unreachable ? Math.min(UNREACHABLE_ATTEMPTS, attempts) : attempts)) {
            failures.push([`${url}:`, error.message, client.way(url)].filter(Boolean).join(' '))
            break
          }
          // Full jitter keeps many clients from knocking at once; it decides about time only, never about content.
          const jitter =
            0.5 + (createHash('sha256').update(`${process.pid} ${path} ${attempt}`).digest()[0] as number) / 512
          await sleep(
            error.pause ?? Math.min(LONGEST_PAUSE, backoff * 2 ** Math.max(0, attempt - 1) * jitter),
            undefined,
            { signal },
          )
        }
      }
    }
  } catch (error) {
    if (error instanceof Error && isLocal(error)) {
      throw new UserError(
        {
          rule: `The file ${path} cannot be written.`,
          received: error.message,
          next: 'Free space or choose another folder with DDLF_CACHE',
        },
        { cause: error },
      )
    }
    throw error
  } finally {
    await client.close()
  }
  throw new UserError({
    rule: `${file.name} could not be downloaded.`,
    received: failures.join('; ') || 'no address is known',
  })
}
