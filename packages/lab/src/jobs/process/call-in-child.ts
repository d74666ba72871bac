// Calls a function in a process of its own: what it reads may be foreign, and what it costs is not the caller's.
import { errorOf, type FailedEvent } from '../../train/events.ts'
import { describeDeath, startChild } from './child.ts'

/** What the caller sends. */
export interface Call {
  /** Address of a module, and the name of a function that it exports. */
  readonly module: string
  readonly name: string
  readonly argument: object
}

/** What comes back. */
export type Answer =
  { readonly kind: 'answer'; readonly value: unknown } | { readonly kind: 'failed'; readonly failure: FailedEvent }

/** Milliseconds that a call may take. */
const PATIENCE = 10 * 60_000

/**
 * Calls an exported function with one argument; both the argument and the answer are plain data.
 * @throws UserError that the function threw, or that says how its process died
 */
export async function callInChild<T>(
  module: URL,
  name: string,
  argument: object,
  { patience = PATIENCE, heap, signal }: {
    readonly patience?: number
    readonly heap?: number
    /** Aborted: the process is killed, and the call fails. */
    readonly signal?: AbortSignal | undefined
  } = {},
): Promise<T> {
  const answers: Answer[] = []
  const child = startChild(
    new URL('./call-child.ts', import.meta.url),
    message => answers.push(message as Answer),
    heap === undefined ? {} : { heap },
  )
  child.send({ module: module.href, name, argument } satisfies Call)
  const kill = () => { child.kill() }
  const timer = setTimeout(kill, patience)
  signal?.addEventListener('abort', kill)
  if (signal?.aborted) kill()
  const death = await child.ended
  clearTimeout(timer)
  signal?.removeEventListener('abort', kill)
  const [found] = answers
  if (found?.kind === 'answer') return found.value as T
  if (!found)
    throw describeDeath(death, {
      what: 'question',
      next: 'Ask again; where memory ran out, there is too much data for this machine.',
    })
  throw errorOf(found.failure)
}
