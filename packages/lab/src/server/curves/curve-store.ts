// The curves of the runs that are looked at, asked of a thread of their own.
import { AskedThread } from '../asked-thread.ts'
import { SharedAnswers } from '../shared-answers.ts'
import type { CurveQuestion, NewsAnswer, ReadingProgress, SeriesAnswer } from './curve-questions.ts'

/** Megabytes of objects that the thread may hold; the curves themselves are typed arrays, which count apart. */
const HEAP = 512

/** Asks the thread of curves, which starts with the first question. */
export class CurveStore {
  readonly #series = new SharedAnswers()
  readonly #progress = new Map<string, ReadingProgress>()
  readonly #thread = new AskedThread<CurveQuestion, ReadingProgress>({
    module: new URL('./curve-worker.ts', import.meta.url),
    name: 'ddlf curves',
    reads: 'curves',
    heap: HEAP,
    onProgress: progress => this.#progress.set(progress.log, progress),
  })

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
  close(): Promise<void> {
    return this.#thread.close()
  }

  async #ask<T extends SeriesAnswer | NewsAnswer>(question: CurveQuestion): Promise<T> {
    try {
      return await this.#thread.ask<T>(question)
    } finally {
      // What has been read counts until nobody waits any more.
      const progress = this.#progress.get(question.log)
      if (!this.#thread.isAsked) this.#progress.clear()
      else if (progress) this.#progress.set(progress.log, { ...progress, bytes: progress.size })
    }
  }
}
