// The process that answers one call.
import { failedEvent } from '../../train/events.ts'
import type { Answer, Call } from './call-in-child.ts'
import { beginChild, endChild } from './within-child.ts'

// There is nothing to save: whoever asked has gone.
beginChild(() => process.exit())

const post = (answer: Answer) => process.send?.(answer, endChild)

process.once('message', ({ module, name, argument }: Call) => {
  void (async () => {
    const functions = (await import(module)) as Readonly<Record<string, (argument: object) => unknown>>
    return functions[name]?.(argument)
  })().then(
    value => post({ kind: 'answer', value }),
    (error: unknown) => post({ kind: 'failed', failure: failedEvent(error) }),
  )
})
