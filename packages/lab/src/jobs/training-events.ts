// The events of a training that runs elsewhere (a thread, a process) as an iterable, whatever brings the messages.
import { failedEvent, type TrainEvent } from '../train/events.ts'
import type { FromTrainer } from './training-job.ts'

/** A training under way. */
export interface Training {
  /** The events in order; ends after `done` or `failed`. */
  readonly events: AsyncIterable<TrainEvent>
  /** The run's folder, as soon as it exists; undefined when the training failed before. */
  readonly folder: Promise<string | undefined>
  /** Asks the loop to save a checkpoint and stop. */
  stop(): void
}

const isLast = (event: TrainEvent | undefined) => event?.kind === 'done' || event?.kind === 'failed'

/** Where the messages of a trainer go in, and what listens to the training takes out. */
export interface TrainingEvents extends Omit<Training, 'stop'> {
  readonly receive: (message: FromTrainer) => void
  /** The trainer cannot go on: a `failed` event, unless the training had ended already. */
  readonly fail: (error: unknown) => void
  /** The trainer is gone: nothing more arrives. */
  readonly end: () => void
}

/** Collects what a trainer says until somebody listens. */
export function trainingEvents(): TrainingEvents {
  const queue: TrainEvent[] = []
  let wake: (() => void) | undefined
  let ended = false
  let sawLast = false
  let foundFolder: (folder: string | undefined) => void = () => undefined
  const folder = new Promise<string | undefined>(resolve => (foundFolder = resolve))
  const push = (event: TrainEvent) => {
    if (sawLast) return
    sawLast = isLast(event)
    queue.push(event)
    wake?.()
  }
  return {
    folder,
    receive: message => (message.kind === 'folder' ? foundFolder(message.folder) : push(message.event)),
    fail: error => push(failedEvent(error)),
    end: () => {
      foundFolder(undefined)
      ended = true
      wake?.()
    },
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
