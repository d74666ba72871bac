// The curves of the logs that are looked at, read piece by piece between the answers to others, each log once at a time.
import { CurveLog, type Extension } from '../runs/curve-log.ts'

/** What is known of a log, and what came to it by this reading. */
export interface CurveReading extends Extension {
  readonly curves: CurveLog
  /** Where the curves ended before. */
  readonly before: string
}

/** Logs whose curves stay in memory: those looked at last. */
const MOST_KEPT = 64

/** Curves by log. */
export class CurveStore {
  readonly #kept = new Map<string, CurveLog>()
  readonly #reading = new Map<string, Promise<CurveReading>>()

  /**
   * The curves of a log as it is now.
   * @param keep new metrics to give back, see {@link CurveLog.extend}
   * @throws UserError where the log cannot be read
   */
  async read(log: string, keep = 0): Promise<CurveReading> {
    // Whoever asks meanwhile waits for the reading under way, and then looks whether there is more.
    for (let under = this.#reading.get(log); under; under = this.#reading.get(log)) await under.catch(() => undefined)
    const reading = this.#extend(log, keep).finally(() => this.#reading.delete(log))
    this.#reading.set(log, reading)
    return reading
  }

  async #extend(log: string, keep: number): Promise<CurveReading> {
    const curves = this.#kept.get(log) ?? new CurveLog(log)
    // The map's order is that of use.
    this.#kept.delete(log)
    this.#kept.set(log, curves)
    const oldest = this.#kept.size > MOST_KEPT ? this.#kept.keys().next().value : undefined
    if (oldest !== undefined) this.#kept.delete(oldest)
    const before = curves.cursor
    const extension = curves.extend(keep)
    for (;;) {
      const { done, value } = extension.next()
      if (done === true) return { ...value, curves, before }
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}
