// The process that hands on what a generator yields.
import { failedEvent } from '../../train/events.ts'
import type { Call } from './call-in-child.ts'
import type { StreamMessage } from './stream-from-child.ts'
import { beginChild, endChild } from './within-child.ts'

// There is nothing to save: whoever asked has gone.
beginChild(() => process.exit())

const post = (message: StreamMessage) => process.send?.(message, endChild)

process.once('message', ({ module, name, argument }: Call) => {
  void (async () => {
    const functions = (await import(module)) as Readonly<Record<string, (argument: object) => AsyncIterable<unknown>>>
    for await (const value of functions[name]?.(argument) ?? []) {
      process.send?.({ kind: 'piece', value } satisfies StreamMessage)
    }
  })().then(
    () => post({ kind: 'end' }),
    (error: unknown) => post({ kind: 'failed', failure: failedEvent(error) }),
  )
})
