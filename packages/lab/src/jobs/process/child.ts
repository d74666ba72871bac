// A module of ours in a process of its own: messages go both ways, and its death is told in words.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'

/** How a process ended. */
export interface Death {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last that it wrote on standard error. */
  readonly lastWords: string
}

/** A process under way. */
export interface Child {
  readonly pid: number | undefined
  send(message: object): void
  readonly kill: () => void
  /** Resolves when it is gone and its last message has arrived. */
  readonly ended: Promise<Death>
}

const LAST_WORDS = 4096
/** A process of the child's own may hold its standard error open: milliseconds to wait for the end of it. */
const STDERR_PATIENCE = 1000

const OUT_OF_MEMORY = /out of memory|bad_alloc|allocation failed|ENOMEM|failed to allocate|cannot allocate/i

/** What killed a process, in words a user can act on. */
export function describeDeath(
  { code, signal, lastWords }: Death,
  { what, next }: { readonly what: string; readonly next: string },
): UserError {
  const last = lastWords
    .trim()
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .at(-1)
  const how = OUT_OF_MEMORY.test(lastWords)
    ? `out of memory${signal ? ` (${signal})` : ''}`
    : signal === 'SIGKILL'
      ? 'SIGKILL: ended by hand, or by the system because memory ran out'
      : signal
        ? `${signal}, a crash${last === undefined ? '' : `: ${last.slice(0, 200)}`}`
        : `exit code ${code ?? 0}${last === undefined ? '' : `: ${last.slice(0, 200)}`}`
  return new UserError({
    rule: `The process of the ${what} died.`,
    received: how,
    next,
  })
}

/**
 * Starts a module in a process of its own. What it is to do goes in a message, never among its arguments, which every
 * user of the machine can read.
 * @param options `heap`: megabytes of JavaScript objects, default Node's own limit
 */
export function startChild(
  module: URL,
  receive: (message: unknown) => void,
  { heap }: { readonly heap?: number } = {},
): Child {
  const child = fork(fileURLToPath(module), [], {
    execArgv: [
      ...(heap === undefined ? [] : [`--max-old-space-size=${heap}`]),
      // An installed package is JavaScript.
      ...(module.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : []),
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let lastWords = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-LAST_WORDS)))
  child.on('message', receive)
  const stderrEnd = new Promise<void>(resolve => child.stderr?.once('close', resolve))
  const disconnected = new Promise<void>(resolve => child.once('disconnect', resolve))
  const exit = new Promise<Pick<Death, 'code' | 'signal'>>(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', error => {
      lastWords += error.message
      if (child.pid === undefined) resolve({ code: 1, signal: null })
    })
  })
  const ended = exit.then(async death => {
    if (child.pid !== undefined) {
      await disconnected
      await Promise.race([stderrEnd, new Promise(resolve => setTimeout(resolve, STDERR_PATIENCE).unref())])
    }
    return { ...death, lastWords }
  })
  return {
    pid: child.pid,
    // It may be gone: then its end says so, and this message changes nothing.
    send: message => void child.send(message, () => undefined),
    kill: () => void child.kill('SIGKILL'),
    ended,
  }
}
