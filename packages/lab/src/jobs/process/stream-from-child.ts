// Runs a generator in a process of its own and hands on what it yields; the process ends with its reader.
import { errorOf, type FailedEvent } from '../../train/events.ts'
import type { Call } from './call-in-child.ts'
import { describeDeath, startChild } from './child.ts'

/** What comes back. */
export type StreamMessage =
  | { readonly kind: 'piece'; readonly value: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly failure: FailedEvent }

/**
 * What an exported generator function yields for one argument; both are plain data. Whoever stops reading ends the
 * process, and so does `signal`.
 * @throws UserError that the generator threw, or that says how its process died
 */
export async function* streamFromChild<T>(
  module: URL,
  name: string,
  argument: object,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<T, void> {
  const arrived: StreamMessage[] = []
  let wake = () => {}
  const state = { gone: false }
  const child = startChild(new URL('./stream-child.ts', import.meta.url), message => {
    arrived.push(message as StreamMessage)
    wake()
  })
  const ended = child.ended.then(death => {
    state.gone = true
    wake()
    return death
  })
  const end = () => {
    child.kill()
  }
  signal?.addEventListener('abort', end)
  child.send({ module: module.href, name, argument } satisfies Call)
  try {
    for (;;) {
      const next = arrived.shift()
      if (next?.kind === 'piece') yield next.value as T
      else if (next?.kind === 'end' || signal?.aborted === true) return
      else if (next?.kind === 'failed') throw errorOf(next.failure)
      else if (state.gone) throw describeDeath(await ended, { what: 'text', next: 'Ask again, for fewer tokens.' })
      else await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    signal?.removeEventListener('abort', end)
    end()
  }
}
