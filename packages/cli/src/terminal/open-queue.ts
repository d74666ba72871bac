// Opens a queue for giving work, and says who works for it.
import type { Workers } from '@ddlf/lab'
import { codeVersion } from '../code-version.ts'
import { suggest } from './command-line.ts'
import { wrapText } from './format.ts'

/**
 * Opens the queue at an address; what its workers train returns to `root`.
 * @throws UserError where Redis cannot be reached
 */
export async function openQueue(address: string, root: string, say: (line: string) => void): Promise<Workers> {
  // Nothing of the queue is loaded where none is named.
  const { openRedisWorkers, queueState } = await import('@ddlf/lab/queue')
  const workers = await openRedisWorkers({ address, root, version: codeVersion() })
  const { workers: found } = await queueState(address)
  const named = found.map(({ host, jobs }) => `${host} (${jobs})`).join(', ')
  const none = `No worker yet; the work waits. On each machine: ${suggest('worker', '--queue', '<address>')}`
  say(wrapText(found.length === 0 ? none : `Workers: ${named}`))
  return workers
}
