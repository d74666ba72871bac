// The curves of the runs that are looked at, asked of a thread of their own.
import type { Worker } from 'node:worker_threads'
import { UserError } from '@ddlf/tensor/errors'
import { startWorker } from '@ddlf/data/node'
import { errorOf } from '../../train/events.ts'
import { SharedAnswers } from '../shared-answers.ts'
import type {
  CurveQuestion,
  FromCurves,
  NewsAnswer,
  ReadingProgress,
  SeriesAnswer,
  ToCurves,
} from './curve-questions.ts'

/** Megabytes of objects that the thread may hold; the curves themselves are typed arrays, which count apart. */
const HEAP = 512

interface Asker {
  readonly log: string
  readonly resolve: (answer: SeriesAnswer | NewsAnswer) => void
  readonly reject: (error: Error) => void
}

/** Asks the thread of curves, which starts with the first question. */
export class CurveStore {
  readonly #series = new SharedAnswers()
  readonly #asking = new Map<number, Asker>()
  readonly #progress = new Map<string, ReadingProgress>()
  #worker: Worker | undefined
  #asked = 0

  /** One curve of a log as it is now. @throws UserError where the log cannot be read */
  series(log: string, metric: string): Promise<SeriesAnswer> {
    return this.#series.ask(JSON.stringify([log, metric]), () =>
      this.#ask<SeriesAnswer>({ kind: 'series', log, metric }),
    )
  }

  /** What came to a log since some cursors. @throws UserError where the log cannot be read */
  news(log: string, cursors: readonly (string | undefined)[]): Promise<NewsAnswer> {
    return this.#ask<NewsAnswer>({ kind: 'news', log, cursors })
  }

  /** How far a long log has been read, while somebody waits for one. */
  progress(log: string): ReadingProgress | undefined {
    return this.#progress.get(log)
  }

  /** Ends the thread; it starts again with the next question. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #ask<T extends SeriesAnswer | NewsAnswer>(question: CurveQuestion): Promise<T> {
    const id = ++this.#asked
    return new Promise<SeriesAnswer | NewsAnswer>((resolve, reject) => {
      this.#asking.set(id, { log: question.log, resolve, reject })
      const worker = (this.#worker ??= this.#start())
      worker.ref()
      worker.postMessage({ id, question } satisfies ToCurves)
    }) as Promise<T>
  }

  #start(): Worker {
    const worker = startWorker(new URL('./curve-worker.ts', import.meta.url), {
      name: 'ddlf curves',
      resourceLimits: { maxOldGenerationSizeMb: HEAP },
    })
    let reason = 'it ended'
    worker.on('message', (message: FromCurves) => this.#hear(worker, message))
    worker.on('error', error => (reason = error.message))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      const error = new UserError({
        rule: 'The thread that reads the curves died.',
        received: reason,
        next: 'Ask again: it starts anew.',
      })
      for (const id of [...this.#asking.keys()]) this.#end(id)?.reject(error)
    })
    return worker
  }

  #hear(worker: Worker, message: FromCurves): void {
    if (message.kind === 'progress') {
      const { log, bytes, size } = message
      this.#progress.set(log, { log, bytes, size })
      return
    }
    const asker = this.#end(message.id)
    // Between questions the thread keeps no process alive.
    if (this.#asking.size === 0) worker.unref()
    if (message.kind === 'answer') asker?.resolve(message.value)
    else asker?.reject(errorOf(message.failure))
  }

  #end(id: number): Asker | undefined {
    const asker = this.#asking.get(id)
    this.#asking.delete(id)
    // What has been read counts until nobody waits any more.
    if (this.#asking.size === 0) this.#progress.clear()
    const progress = asker && this.#progress.get(asker.log)
    if (progress) this.#progress.set(progress.log, { ...progress, bytes: progress.size })
    return asker
  }
}
