// ddlf worker: works for studies and recordings that other machines put into a queue.
import { defaultJobs, threadsOf, trainingWork } from '@ddlf/lab/node'
import { openQueueWorker, shownAddress, type QueueWorkerEvent } from '@ddlf/lab/queue'
import { pc } from '../terminal/colour.ts'
import { stopOnSignals } from '../terminal/stopping.ts'
import { wrapText } from '../terminal/format.ts'
import { refusalLine } from '../terminal/open-queue.ts'
import { codeVersion } from '../code-version.ts'
import { experimentModules } from '../experiments.ts'

/** The options of the command. */
export interface WorkerOptions {
  readonly queue: string
  readonly jobs?: number
  readonly runs: string
  readonly json?: boolean
}

const WORDS: Readonly<Record<QueueWorkerEvent['kind'], string>> = {
  begin: 'begins',
  done: 'done',
  failed: 'failed',
  lost: 'its process died',
  refused: 'refused',
  abandoned: 'given up: nobody waits for it any more',
}

const print = ({ kind, id, name, said }: QueueWorkerEvent) => {
  const time = new Date().toISOString().slice(11, 19)
  console.log(`${time} ${name} ${id.slice(-12)}  ${WORDS[kind]}${said === undefined ? '' : `: ${said}`}`)
}

/** Does what `ddlf worker` is asked for. */
export async function workerAction({ queue, jobs = defaultJobs(), runs, json = false }: WorkerOptions): Promise<void> {
  const worker = await openQueueWorker({
    address: queue,
    jobs,
    module: trainingWork,
    version: codeVersion(),
    place: { experimentsModule: experimentModules, root: runs, threads: threadsOf(jobs) },
    onEvent: event => {
      if (json) console.log(JSON.stringify(event))
      else print(event)
    },
    onRefusal: refusal => { console.error(refusalLine(refusal)) },
  })
  if (json) console.log(JSON.stringify({ kind: 'open', id: worker.id, jobs }))
  else console.log(wrapText(`${pc.bold('Working')} for ${shownAddress(queue)}: ${jobs} at once. Ctrl-C leaves.`))
  const stopping = stopOnSignals('Saving what runs, and leaving. Press Ctrl-C again to quit at once.', () => undefined)
  await new Promise<void>(resolve => {
    stopping.signal.addEventListener('abort', () => {
      resolve()
    })
  })
  await worker.close()
  stopping.off()
  process.exitCode = stopping.exitCode() ?? 0
}
