// Reads the curves of the logs that are looked at, piece by piece: each log once, long ones one after the other.
import { CurveLog } from '../../runs/curve-log.ts'
import type { Measurement } from '../../runs/metrics-log.ts'
import { Gate } from '../limits.ts'
import type { NewsAnswer, ReadingProgress, SeriesAnswer } from './curve-questions.ts'

/** Logs whose curves stay in memory: those looked at last, as many as fit. */
const MOST_KEPT = 64
const MOST_ROOM = 128 * 2 ** 20
/** A log with more to read waits until no other such log is read. */
const LONG = 4 * 2 ** 20
/** Metrics that are sent as they come; after more of them, the curves are sent thinned, as a whole. */
const MOST_NEW = 5000
/** Milliseconds between two words on how far a long log has been read. */
const PROGRESS = 200

const row = ({ step, epoch, name, value }: Measurement) => [step, epoch, name, Number.isFinite(value) ? value : null]
const eventData = (restarted: boolean, metrics: readonly Measurement[]) =>
  JSON.stringify({ restarted, metrics: metrics.map(row) })

/** A log, and what came to it of late. */
class FollowedLog {
  readonly curves: CurveLog
  #recent: { readonly from: string; readonly metrics: readonly Measurement[] }[] = []

  constructor(file: string) {
    this.curves = new CurveLog(file)
  }

  /** Reads what came, with a pause after each piece. */
  async extend(pause: () => Promise<void>): Promise<void> {
    const from = this.curves.cursor
    const reading = this.curves.extend(MOST_NEW)
    for (;;) {
      const { done, value } = reading.next()
      if (done === true) {
        this.#remember(from, value.restarted ? undefined : value.added)
        return
      }
      await pause()
    }
  }

  #remember(from: string, added: readonly Measurement[] | undefined): void {
    if (!added) this.#recent = []
    else if (added.length > 0) this.#recent.push({ from, metrics: added })
    let count = 0
    const first = this.#recent.findLastIndex(({ metrics }) => (count += metrics.length) > MOST_NEW)
    if (first >= 0) this.#recent.splice(0, first + 1)
  }

  /** What came since a cursor; undefined where it is none of this log's, or too much came since. */
  since(cursor: string | undefined): readonly Measurement[] | undefined {
    if (cursor === this.curves.cursor) return []
    const first = this.#recent.findIndex(({ from }) => from === cursor)
    return first < 0 ? undefined : this.#recent.slice(first).flatMap(({ metrics }) => metrics)
  }
}

/** Answers questions about logs. */
export class CurveReader {
  readonly #kept = new Map<string, FollowedLog>()
  readonly #reading = new Map<string, Promise<FollowedLog>>()
  readonly #long = new Gate(1, Number.POSITIVE_INFINITY, 'long logs')
  readonly #tell: (progress: ReadingProgress) => void

  /** @param tell hears how far a long log has been read */
  constructor(tell: (progress: ReadingProgress) => void = () => undefined) {
    this.#tell = tell
  }

  /** One curve of a log as it is now. @throws UserError where the log cannot be read */
  async series(log: string, metric: string): Promise<SeriesAnswer> {
    const { curves } = await this.#read(log)
    const points = curves.curve(metric)?.points() ?? []
    return {
      names: curves.names,
      step: Float64Array.from(points, ({ step }) => step),
      epoch: Float64Array.from(points, ({ epoch }) => epoch),
      value: Float64Array.from(points, ({ value }) => value),
    }
  }

  /** What came to a log since some cursors. @throws UserError where the log cannot be read */
  async news(log: string, cursors: readonly (string | undefined)[]): Promise<NewsAnswer> {
    const followed = await this.#read(log)
    const since = cursors.map(cursor => {
      const metrics = followed.since(cursor)
      return metrics ? eventData(false, metrics) : null
    })
    const { cursor } = followed.curves
    return { cursor, since, ...(since.includes(null) && { whole: eventData(true, followed.curves.metrics()) }) }
  }

  async #read(log: string): Promise<FollowedLog> {
    // Whoever asks meanwhile waits for the reading under way, and then looks whether there is more.
    for (let under = this.#reading.get(log); under; under = this.#reading.get(log)) await under.catch(() => undefined)
    const reading = this.#extend(log).finally(() => this.#reading.delete(log))
    this.#reading.set(log, reading)
    return reading
  }

  async #extend(log: string): Promise<FollowedLog> {
    const followed = this.#kept.get(log) ?? new FollowedLog(log)
    // The map's order is that of use.
    this.#kept.delete(log)
    this.#kept.set(log, followed)
    const { curves } = followed
    const { waiting, position } = curves
    const pause = () => new Promise<void>(resolve => setImmediate(resolve))
    if (waiting <= LONG) {
      await followed.extend(pause)
    } else {
      const size = position.bytes + waiting
      this.#tell({ log, bytes: position.bytes, size })
      let told = performance.now()
      await this.#long.through(() =>
        followed.extend(() => {
          if (performance.now() - told >= PROGRESS) {
            told = performance.now()
            this.#tell({ log, bytes: curves.position.bytes, size: Math.max(size, curves.position.bytes) })
          }
          return pause()
        }),
      )
    }
    this.#forget()
    return followed
  }

  /** Forgets the logs that were looked at longest ago; the one just read stays. */
  #forget(): void {
    const logs = [...this.#kept].toReversed()
    let room = 0
    for (const [i, [log, { curves }]] of logs.entries()) {
      room += curves.room
      if (i > 0 && (i >= MOST_KEPT || room > MOST_ROOM)) this.#kept.delete(log)
    }
  }
}
