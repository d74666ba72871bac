// ddlf queue: how a queue stands.
import { queueState, shownAddress } from '@ddlf/lab/queue'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatDuration, formatTable, wrapText } from '../terminal/format.ts'
import { codeVersion } from '../code-version.ts'

/** The options of the command. */
export interface QueueOptions {
  readonly queue: string
  readonly json?: boolean
}

const since = (time: string) => formatDuration((Date.now() - Date.parse(time)) / 1000)

/** Does what `ddlf queue` is asked for. */
export async function queueAction({ queue, json = false }: QueueOptions): Promise<void> {
  const state = await queueState(queue)
  if (json) {
    console.log(JSON.stringify(state, null, 2))
    return
  }
  const { workers, waiting, running, failed, durable } = state
  console.log(
    `${pc.bold(shownAddress(queue))}  ${waiting} waiting, ${running} running, ${failed} failed within the hour`,
  )
  if (durable === false) {
    console.log(
      pc.yellow(
        wrapText('Redis keeps no append-only file: where it dies, waiting work is given again. Add --appendonly yes.'),
      ),
    )
  }
  if (workers.length === 0) {
    console.log(`No worker. Start one on each machine:\n  ${suggest('worker', '--queue', shownAddress(queue))}`)
    return
  }
  const own = codeVersion()
  const rows = workers.map(({ host, pid, jobs, doing, since: begun, version }) => [
    host,
    String(pid),
    `${doing.length} of ${jobs}`,
    since(begun),
    version === own ? 'same' : pc.red('another'),
    doing.map(one => `${one.name} ${since(one.since)}`).join(', '),
  ])
  console.log(formatTable(['host', 'process', 'busy', 'up', 'version', 'doing'], rows, [1, 2, 3], { drop: [5, 1] }))
}
