// Runs that are watched: each is looked at once for all who watch it, and what is new goes to each at its own pace.
import { UserError } from '@ddlf/tensor/errors'
import type { Measurement } from '../runs/metrics-log.ts'
import type { CurveStore } from './curve-store.ts'

/** A message of an event stream. */
export interface WatchMessage {
  readonly event: 'metrics' | 'status' | 'trouble'
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

/** Metrics that are sent as they come; after more of them, the curves are sent thinned, as a whole. */
const MOST_NEW = 5000
/** Messages that may wait for a watcher. */
const MOST_WAITING = 64

const row = ({ step, epoch, name, value }: Measurement) => [step, epoch, name, Number.isFinite(value) ? value : null]
const message = (id: string, restarted: boolean, metrics: readonly Measurement[]): WatchMessage =>
  ({ event: 'metrics', id, data: JSON.stringify({ restarted, metrics: metrics.map(row) }) })

interface Followed {
  readonly watchers: Set<Outbox>
  timer: NodeJS.Timeout | undefined
  told: string
}

/** Looks after all watched runs. */
export class RunFollowers {
  readonly #curves: CurveStore
  readonly #pollMilliseconds: number
  readonly #followed = new Map<string, Followed>()

  constructor(curves: CurveStore, pollMilliseconds: number) {
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
    let running = false
    try {
      const status = statusOf()
      running = status.status === 'running'
      await this.#tellMetrics(log, followed)
      const data = JSON.stringify(status)
      if (data !== followed.told) for (const outbox of followed.watchers) outbox.put({ event: 'status', data })
      followed.told = data
    } catch (error) {
      if (!(error instanceof UserError)) console.error(error)
      const words = error instanceof UserError ? error.message : 'The lab failed to read the run.'
      if (words !== followed.told) for (const outbox of followed.watchers) outbox.put({ event: 'trouble', data: JSON.stringify({ error: words }) })
      followed.told = words
    }
    // A run that has ended is looked at less often: it may be resumed.
    return running ? this.#pollMilliseconds : 4 * this.#pollMilliseconds
  }

  async #tellMetrics(log: string, { watchers }: Followed): Promise<void> {
    const { curves, before, added, restarted } = await this.#curves.read(log, MOST_NEW)
    const id = curves.cursor
    // Made at most once, for however many watch.
    let whole: WatchMessage | undefined
    const news = added && added.length > 0 ? message(id, false, added) : undefined
    for (const outbox of watchers) {
      if (outbox.waiting > MOST_WAITING) outbox.dropMetrics()
      if (outbox.cursor === id) continue
      outbox.put(!restarted && news && outbox.cursor === before ? news : (whole ??= message(id, true, curves.metrics())))
      outbox.cursor = id
    }
  }
}
