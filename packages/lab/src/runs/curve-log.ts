// The curves of a run, thinned to what a screen can show: kept as an index beside a long log, and extended as the log
// grows.
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { nodeFiles, openIfThere, quietly, writeFileAtomic } from './atomic-file.ts'
import { headOf, logState, markOf, metricParts, openLogState, type LogPosition } from './metric-parts.ts'
import type { Measurement } from './metrics-log.ts'
import { containedFiles } from './run-files.ts'
import { ThinnedCurve } from './thinned-curve.ts'

/** The index is worth its file only where reading the log again takes a moment. */
const WORTH_AN_INDEX = 4 * 2 ** 20
const LARGEST_INDEX = 64 * 2 ** 20
/** What is read between two savings of the index: reading goes on from the last one after an interruption. */
const BETWEEN_SAVINGS = 64 * 2 ** 20
/** Curves of more names than any task measures are left out. */
const MOST_NAMES = 500

const indexSchema = z.object({
  format: z.literal(2),
  bytes: z.number().int().min(1),
  lines: z.number().int().min(1),
  head: z.string(),
  mark: z.string(),
  curves: z.record(z.string(), z.unknown()),
})

/** The file that keeps the curves of a log. */
export const curveIndexFile = (log: string): string => path.join(path.dirname(log), 'metrics.index.json')

/** What an extension found. */
export interface Extension {
  /** The log is not the one that was read before: it was cut back, or replaced. */
  readonly restarted: boolean
  /** The metrics that came to it; undefined where they are more than was asked to keep. */
  readonly added: readonly Measurement[] | undefined
}

/** The curves of one log. */
export class CurveLog {
  readonly #file: string
  #position: LogPosition = { bytes: 0, lines: 0 }
  #head = ''
  #mark = ''
  /** How the log lay on the disk when it was read to its end; empty where it may have grown since. */
  #changed = ''
  #indexed = 0
  #curves = new Map<string, ThinnedCurve>()

  /** Begins with what the index beside the log holds. */
  constructor(file: string) {
    this.#file = file
    this.#load()
  }

  /** Where in the log the curves end. */
  get position(): LogPosition {
    return this.#position
  }

  /** Bytes that the curves take in memory. */
  get room(): number {
    return [...this.#curves.values()].reduce((sum, curve) => sum + curve.room, 0)
  }

  /** Bytes of the log that wait to be read; less than nothing where it was cut back. */
  get waiting(): number {
    return (logState(this.#file)?.size ?? 0) - this.#position.bytes
  }

  /** The position, with what lies before it: tells whether a reader's log is still this one. */
  get cursor(): string {
    return `${this.#position.bytes}.${this.#mark}`
  }

  /** Names of what was measured, sorted. */
  get names(): string[] {
    return [...this.#curves.keys()].sort()
  }

  /** One curve; undefined where nothing of this name was measured. */
  curve(name: string): ThinnedCurve | undefined {
    return this.#curves.get(name)
  }

  /** All kept measurements in the order of the log; of a log of up to 1,024 measurements a name, all there are. */
  metrics(): Measurement[] {
    const rows = [...this.#curves].flatMap(([name, curve]) =>
      curve.points().map(({ place, ...rest }) => ({ place, metric: { ...rest, name } })))
    return rows.sort((a, b) => a.place - b.place).map(({ metric }) => metric)
  }

  /**
   * Reads what came to the log since the last time, and yields after each piece, so that a server can answer others
   * meanwhile.
   * @param keep metrics to give back; with more of them, `added` is undefined
   * @throws UserError where a line is no metric, or the log is no plain file
   */
  *extend(keep = 0): Generator<void, Extension> {
    const state = logState(this.#file)
    if (!state) return this.#nothing()
    if (state.changed === this.#changed) return { restarted: false, added: [] }
    const descriptor = openIfThere(this.#file)
    if (descriptor === undefined) return this.#nothing()
    try {
      const before = openLogState(descriptor)
      const restarted = !this.#isSame(descriptor, before.size)
      if (restarted) this.#reset()
      let added: Measurement[] | undefined = []
      for (const { metrics, ...position } of metricParts(descriptor, this.#file, this.#position)) {
        for (const [i, metric] of metrics.entries()) this.#take(metric, this.#position.lines + i)
        this.#position = { bytes: position.bytes, lines: position.lines }
        this.#mark = position.mark
        this.#head = headOf(descriptor, position.bytes)
        added = added && added.length + metrics.length <= keep ? [...added, ...metrics] : undefined
        if (this.#position.bytes - this.#indexed >= BETWEEN_SAVINGS) this.#save()
        yield
      }
      // What came while it was read may not have been seen: then the next look goes on from here.
      this.#changed = openLogState(descriptor).changed === before.changed ? before.changed : ''
      if (this.#position.bytes >= WORTH_AN_INDEX && this.#position.bytes >= 1.1 * this.#indexed) this.#save()
      return { restarted, added }
    } finally {
      fs.closeSync(descriptor)
    }
  }

  #nothing(): Extension {
    const restarted = this.#position.bytes > 0
    this.#reset()
    return { restarted, added: [] }
  }

  #take({ step, epoch, wallTime, name, value }: Measurement, place: number): void {
    let curve = this.#curves.get(name)
    if (!curve) {
      if (this.#curves.size >= MOST_NAMES) return
      this.#curves.set(name, (curve = new ThinnedCurve()))
    }
    curve.add({ place, step, epoch, wallTime, value })
  }

  /**
   * Whether the curves stand for the beginning of the log as it is now. Edited in place, it has the same size but
   * another time.
   */
  #isSame(descriptor: number, size: number): boolean {
    const { bytes } = this.#position
    if (bytes === 0) return true
    if (size < bytes || (size === bytes && this.#changed !== '')) return false
    return headOf(descriptor, bytes) === this.#head && markOf(descriptor, bytes) === this.#mark
  }

  #reset(): void {
    this.#position = { bytes: 0, lines: 0 }
    this.#curves = new Map()
    this.#head = this.#mark = this.#changed = ''
    this.#indexed = 0
  }

  /**
   * Takes over the index beside the log, where there is one that can be read: without, the log is read from its
   * beginning.
   */
  #load(): void {
    quietly(() => {
      const descriptor = openIfThere(curveIndexFile(this.#file))
      if (descriptor === undefined) return
      try {
        if (fs.fstatSync(descriptor).size > LARGEST_INDEX) return
        const { bytes, lines, head, mark, curves } = indexSchema.parse(JSON.parse(fs.readFileSync(descriptor, 'utf8')))
        const read = new Map(Object.entries(curves).map(([name, stored]) => [name, ThinnedCurve.from(stored)]))
        this.#position = { bytes, lines }
        this.#head = head
        this.#mark = mark
        this.#indexed = bytes
        this.#curves = read
      } finally {
        fs.closeSync(descriptor)
      }
    })
  }

  /** An index that cannot be written (a full disk, a folder of somebody else's) costs time, and nothing else. */
  #save(): void {
    this.#indexed = this.#position.bytes
    quietly(() => {
      const curves = Object.fromEntries(this.#curves)
      const index = { format: 2, ...this.#position, head: this.#head, mark: this.#mark, curves }
      const files = containedFiles(nodeFiles, path.dirname(this.#file))
      writeFileAtomic(curveIndexFile(this.#file), `${JSON.stringify(index)}\n`, files)
    })
  }
}

/** Reads the curves of a log to its end. @throws UserError as {@link CurveLog.extend} */
export function readCurves(file: string): CurveLog {
  const curves = new CurveLog(file)
  const reading = curves.extend()
  while (reading.next().done !== true);
  return curves
}

/**
 * The metrics of a log that are wanted, in its order; memory is bounded by what is kept.
 * @throws UserError as {@link CurveLog.extend}
 */
export function readMetrics(file: string, wanted: (metric: Measurement) => boolean = () => true): Measurement[] {
  const descriptor = openIfThere(file)
  if (descriptor === undefined) return []
  const found: Measurement[] = []
  try {
    for (const { metrics } of metricParts(descriptor, file))
      for (const metric of metrics) if (wanted(metric)) found.push(metric)
    return found
  } finally {
    fs.closeSync(descriptor)
  }
}
