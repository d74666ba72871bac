// Starts a training in a thread of its own, so that the thread that renders stays free, and hands over its events.
import '@ddlf/tensor/no-telemetry'
import { startTypeScriptWorker } from '@ddlf/data/node'
import { failedEvent, type TrainEvent } from '../events.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from './training-messages.ts'

/** A training under way. */
export interface Training {
  /** The events in order; ends after `done` or `failed`. */
  readonly events: AsyncIterable<TrainEvent>
  /** The run's folder, as soon as it exists; undefined when the training failed before. */
  readonly folder: Promise<string | undefined>
  /** Asks the loop to save a checkpoint and stop. */
  stop(): void
}

/** Starts a training in a worker thread. Mistakes arrive as a `failed` event. */
export function startTraining(job: TrainingJob): Training {
  const worker = startTypeScriptWorker(new URL('./training-worker.ts', import.meta.url), { workerData: job, name: 'ddlf training' })
  const queue: TrainEvent[] = []
  let wake: (() => void) | undefined
  let ended = false
  let foundFolder: (folder: string | undefined) => void = () => undefined
  const folder = new Promise<string | undefined>(resolve => (foundFolder = resolve))
  const push = (event: TrainEvent) => {
    queue.push(event)
    wake?.()
  }
  const isLast = (event: TrainEvent | undefined) => event?.kind === 'done' || event?.kind === 'failed'
  let sawLast = false
  worker.on('message', (message: FromTrainer) => {
    if (message.kind === 'folder') {
      foundFolder(message.folder)
      return
    }
    sawLast ||= isLast(message.event)
    push(message.event)
  })
  const fail = (error: unknown) => {
    if (sawLast) return
    sawLast = true
    push(failedEvent(error))
  }
  worker.on('error', fail)
  worker.on('exit', code => {
    fail(new Error(`The training thread ended with code ${code}.`))
    foundFolder(undefined)
    ended = true
    wake?.()
  })
  return {
    folder,
    stop: () => worker.postMessage({ kind: 'stop' } satisfies ToTrainer),
    events: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const event = queue.shift()
          if (event) {
            yield event
            if (isLast(event)) return
          } else if (ended) {
            return
          } else {
            await new Promise<void>(resolve => (wake = resolve))
          }
        }
      },
    },
  }
}
