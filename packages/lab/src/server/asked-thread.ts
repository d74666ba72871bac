// A thread that is asked questions, so that the one that serves never waits for their answers.
import type { Worker } from 'node:worker_threads'
import { startWorker } from '@ddlf/data/node'
import { UserError } from '@ddlf/tensor/errors'
import { errorOf, type FailedEvent } from '../train/events.ts'

/** To the thread. */
export interface ToAsked<Question> {
  readonly id: number
  readonly question: Question
}

/** From the thread. */
export type FromAsked<Progress> =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: FailedEvent }
  | { readonly kind: 'progress'; readonly progress: Progress }

/** What a thread does. */
export interface AskedThreadOptions<Progress> {
  /** The module that answers, with `answerQuestions`. */
  readonly module: URL
  readonly name: string
  /** What it reads, for messages: `curves`. */
  readonly reads: string
  /** Megabytes of objects that it may hold. */
  readonly heap: number
  readonly onProgress?: (progress: Progress) => void
}

interface Asker {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** Asks a thread, which starts with the first question, and again after its end. */
export class AskedThread<Question, Progress = never> {
  readonly #options: AskedThreadOptions<Progress>
  readonly #asking = new Map<number, Asker>()
  #worker: Worker | undefined
  #asked = 0

  constructor(options: AskedThreadOptions<Progress>) {
    this.#options = options
  }

  /** Whether somebody waits for an answer. */
  get isAsked(): boolean {
    return this.#asking.size > 0
  }

  /** @throws what the answer throws; UserError where the thread dies of it */
  ask<Answer>(question: Question): Promise<Answer> {
    const id = ++this.#asked
    return new Promise<unknown>((resolve, reject) => {
      this.#asking.set(id, { resolve, reject })
      const worker = (this.#worker ??= this.#start())
      worker.ref()
      worker.postMessage({ id, question } satisfies ToAsked<Question>)
    }) as Promise<Answer>
  }

  /** Ends the thread; it starts again with the next question. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const { module, name, reads, heap } = this.#options
    const worker = startWorker(module, { name, resourceLimits: { maxOldGenerationSizeMb: heap } })
    let reason = 'it ended'
    worker.on('message', (message: FromAsked<Progress>) => {
      this.#hear(worker, message)
    })
    worker.on('error', error => (reason = error.message))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      const error = new UserError({
        rule: `The thread that reads the ${reads} died.`,
        received: reason,
        next: 'Ask again: it starts anew.',
      })
      for (const id of [...this.#asking.keys()]) this.#end(id)?.reject(error)
    })
    return worker
  }

  #hear(worker: Worker, message: FromAsked<Progress>): void {
    if (message.kind === 'progress') {
      this.#options.onProgress?.(message.progress)
      return
    }
    const asker = this.#end(message.id)
    // Between questions the thread keeps no process alive.
    if (!this.isAsked) worker.unref()
    if (message.kind === 'answer') asker?.resolve(message.value)
    else asker?.reject(errorOf(message.failure))
  }

  #end(id: number): Asker | undefined {
    const asker = this.#asking.get(id)
    this.#asking.delete(id)
    return asker
  }
}
