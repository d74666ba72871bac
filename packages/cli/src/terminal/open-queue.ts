// Opens a queue for giving work, and says who works for it.
import type { Workers } from '@ddlf/lab'
import type { UserError } from '@ddlf/tensor/errors'
import { codeVersion } from '../code-version.ts'
import { errorColours } from './colour.ts'
import { asCalled, suggest } from './command-line.ts'
import { wrapText } from './format.ts'

/** Where lines are said. */
export interface QueueWords {
  /** Who works for the queue. */
  readonly say: (line: string) => void
  /** What the server refuses while it is open, which may be at any time. */
  readonly warn: (line: string) => void
}

/** What a server refuses, as it is said. */
export const refusalLine = ({ message }: UserError): string => `${errorColours.yellow('Refused:')} ${asCalled(message)}`

/**
 * Opens the queue at an address; what its workers train returns to `root`.
 * @throws UserError where Redis cannot be reached
 */
export async function openQueue(address: string, root: string, { say, warn }: QueueWords): Promise<Workers> {
  // Nothing of the queue is loaded where none is named.
  const { openRedisWorkers, queueState } = await import('@ddlf/lab/queue')
  const onRefusal = (refusal: UserError) => { warn(refusalLine(refusal)) }
  const workers = await openRedisWorkers({ address, root, version: codeVersion(), onRefusal })
  const { workers: found } = await queueState(address)
  const named = found.map(({ host, jobs }) => `${host} (${jobs})`).join(', ')
  const none = `No worker yet; the work waits. On each machine: ${suggest('worker', '--queue', '<address>')}`
  say(wrapText(found.length === 0 ? none : `Workers: ${named}`))
  return workers
}
