// Runs that are watched: each is looked at once for all who watch it, and what is new goes to each at its own pace.
import { UserError } from '@ddlf/tensor/errors'
import type { CurveStore } from './curves/curve-store.ts'

/** A message of an event stream. */
export interface WatchMessage {
  readonly event: 'metrics' | 'reading' | 'status' | 'trouble'
  readonly id?: string
  readonly data: string
}

/** How a run stands, for those who watch it. */
export interface WatchedStatus {
  readonly status: string
  readonly stoppable: boolean
}

/** What a watcher has not been sent yet. One that reads too slowly loses what lies between, and gets the whole anew. */
export class Outbox {
  readonly #messages: WatchMessage[] = []
  #wake: (() => void) | undefined
  /** Where the watcher's metrics end; undefined: it needs the whole. */
  cursor: string | undefined

  constructor(cursor: string | undefined) {
    this.cursor = cursor
  }

  get waiting(): number {
    return this.#messages.length
  }

  put(message: WatchMessage): void {
    this.#messages.push(message)
    this.#wake?.()
  }

  /** Leaves out the metrics that were not sent yet. */
  dropMetrics(): void {
    const kept = this.#messages.filter(({ event }) => event !== 'metrics')
    this.#messages.splice(0, this.#messages.length, ...kept)
    this.cursor = undefined
  }

  /** The next message; undefined when there was none for so long. */
  async next(milliseconds: number): Promise<WatchMessage | undefined> {
    if (this.#messages.length === 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, milliseconds)
        this.#wake = () => { clearTimeout(timer); resolve() }
      })
      this.#wake = undefined
    }
    return this.#messages.shift()
  }
}

/** Messages that may wait for a watcher. */
const MOST_WAITING = 64

/** Milliseconds between two words on a long log that is being read. */
const READING = 500

interface Followed {
  readonly watchers: Set<Outbox>
  timer: NodeJS.Timeout | undefined
  told: string
}

type Curves = Pick<CurveStore, 'news' | 'progress'>

/** Looks after all watched runs. */
export class RunFollowers {
  readonly #curves: Curves
  readonly #pollMilliseconds: number
  readonly #followed = new Map<string, Followed>()

  constructor(curves: Curves, pollMilliseconds: number) {
    this.#curves = curves
    this.#pollMilliseconds = pollMilliseconds
  }

  /** Runs that somebody watches. */
  get watched(): number {
    return this.#followed.size
  }

  /**
   * Begins to watch a run.
   * @param log the run's log of metrics
   * @param statusOf how the run stands now; throws where it is gone
   * @returns ends the watching
   */
  watch(log: string, statusOf: () => WatchedStatus, outbox: Outbox): () => void {
    const known = this.#followed.get(log)
    const followed: Followed = known ?? { watchers: new Set(), timer: undefined, told: '' }
    followed.watchers.add(outbox)
    if (known) {
      // The next look tells the newcomer as well; it need not wait for the end of a long pause.
      followed.told = ''
      if (followed.timer) this.#look(log, statusOf, followed)
    } else {
      this.#followed.set(log, followed)
      this.#look(log, statusOf, followed)
    }
    return () => {
      followed.watchers.delete(outbox)
      if (followed.watchers.size > 0) return
      clearTimeout(followed.timer)
      if (this.#followed.get(log) === followed) this.#followed.delete(log)
    }
  }

  #look(log: string, statusOf: () => WatchedStatus, followed: Followed): void {
    clearTimeout(followed.timer)
    followed.timer = undefined
    void this.#tell(log, statusOf, followed).then(pause => {
      if (followed.watchers.size > 0) followed.timer = setTimeout(() => this.#look(log, statusOf, followed), pause)
    })
  }

  /** Tells the watchers what is new, and how long to wait until the next look. */
  async #tell(log: string, statusOf: () => WatchedStatus, followed: Followed): Promise<number> {
    let pause = 4 * this.#pollMilliseconds
    try {
      const status = statusOf()
      // A run that has ended is looked at less often: it may be resumed.
      if (status.status === 'running') pause = this.#pollMilliseconds
      const data = JSON.stringify(status)
      const meanwhile = setInterval(() => this.#tellReading(log, followed, data), READING)
      const served = await this.#tellMetrics(log, followed).finally(() => clearInterval(meanwhile))
      if (!served) pause = 0
      this.#put(followed, { event: 'status', data })
    } catch (error) {
      if (!(error instanceof UserError)) console.error(error)
      const words = error instanceof UserError ? error.message : 'The lab failed to read the run.'
      this.#put(followed, { event: 'trouble', data: JSON.stringify({ error: words }) })
    }
    return pause
  }

  /** Says how the run stands, unless that was the last word. */
  #put(followed: Followed, message: WatchMessage): void {
    if (message.data !== followed.told) for (const outbox of followed.watchers) outbox.put(message)
    followed.told = message.data
  }

  /** Says of a long log how far it has been read, to those who took the last word on it. */
  #tellReading(log: string, followed: Followed, status: string): void {
    const progress = this.#curves.progress(log)
    if (!progress) return
    this.#put(followed, { event: 'status', data: status })
    const { bytes, size } = progress
    for (const outbox of followed.watchers) {
      if (outbox.waiting === 0) outbox.put({ event: 'reading', data: JSON.stringify({ bytes, size }) })
    }
  }

  /** @returns whether all are served; one that came meanwhile may need another look */
  async #tellMetrics(log: string, { watchers }: Followed): Promise<boolean> {
    const cursors = [...new Set([...watchers].map(({ cursor }) => cursor))]
    const { cursor: id, since, whole } = await this.#curves.news(log, cursors)
    const news = new Map(cursors.map((cursor, i) => [cursor, since[i] ?? whole]))
    let served = true
    for (const outbox of watchers) {
      if (outbox.waiting > MOST_WAITING) outbox.dropMetrics()
      if (outbox.cursor === id) continue
      const data = news.get(outbox.cursor) ?? whole
      if (data === undefined) {
        served = false
        continue
      }
      outbox.put({ event: 'metrics', id, data })
      outbox.cursor = id
    }
    return served
  }
}
