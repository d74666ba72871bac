// A process of a pool: it does one piece of work after another, and gives a sign of life while it does.
import { failedEvent } from '../../train/events.ts'
import { workFunction, type WorkModule, type WorkPlace } from '../workers.ts'
import { beginChild, endChild } from '../process/within-child.ts'
import type { FromPoolChild, ToPoolChild } from './pool-messages.ts'

/** Milliseconds that work gets to save when the parent has gone. */
const ORPHAN_PATIENCE = 60_000

interface Current {
  readonly id: number
  readonly stop: AbortController
  readonly answers: Map<number, (value: unknown) => void>
}

let opened: { readonly module: Promise<WorkModule>; readonly place: WorkPlace } | undefined
let current: Current | undefined
let questions = 0

const post = (message: FromPoolChild) =>
  new Promise<void>(resolve => {
    if (process.connected) process.send?.(message, () => resolve())
    else resolve()
  })

beginChild(() => {
  current?.stop.abort()
  // Nobody answers any more; a function that waits for an answer goes on, and sees that it is to stop.
  current?.answers.forEach(answer => answer(undefined))
  if (!current) endChild()
  else setTimeout(() => process.exit(1), ORPHAN_PATIENCE).unref()
})

async function work({ id, work: given }: Extract<ToPoolChild, { kind: 'work' }>): Promise<void> {
  const answers: Current['answers'] = new Map()
  const stop = new AbortController()
  current = { id, stop, answers }
  const tell = (message: unknown) =>
    new Promise<unknown>(resolve => {
      if (!process.connected) {
        resolve(undefined)
        return
      }
      const question = questions++
      answers.set(question, resolve)
      void post({ kind: 'tell', id, question, message })
    })
  let last: FromPoolChild
  try {
    if (!opened) throw new Error('The pool opens its processes before it gives them work.')
    const run = workFunction(await opened.module, given.name)
    last = {
      kind: 'result',
      id,
      value: await run(given.data as never, { tell, signal: stop.signal, place: opened.place }),
    }
  } catch (error) {
    last = { kind: 'failed', id, failure: failedEvent(error) }
  }
  current = undefined
  await post(last)
  if (!process.connected) endChild()
}

process.on('message', (message: ToPoolChild) => {
  switch (message.kind) {
    case 'open':
      opened = { module: import(message.module) as Promise<WorkModule>, place: message.place }
      opened.module.then(
        () => post({ kind: 'ready' }),
        () => undefined,
      )
      // From the thread that works: one that hangs gives no sign.
      setInterval(() => void post({ kind: 'beat' }), message.beat)
      return
    case 'work':
      void work(message)
      return
    case 'answer':
      if (message.id !== current?.id) return
      current.answers.get(message.question)?.(message.value)
      current.answers.delete(message.question)
      return
    case 'stop':
      if (message.id === current?.id) current.stop.abort()
  }
})
