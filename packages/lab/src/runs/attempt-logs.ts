// What an attempt of a run measures, as it is appended: lines of metrics.jsonl, and an event file of its own for
// TensorBoard.
import { createHash, type Hash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import {
  fileSha256,
  filePieces,
  openAppendFile,
  openToRead,
  quietly,
  readWholeFile,
  replaceAppendFile,
  type AppendFile,
  type FileOperations,
} from './atomic-file.ts'
import { encodeEvent, eventFileVersion, histogramOf, pngHeader, type LoggedEvent } from './event-file.ts'
import { encodeMetrics, metricsLengthAt } from './metrics-log.ts'
import { runPaths } from './run-folder.ts'
import type { RunFolder } from './run-place.ts'
import type { RunStore } from './run-store.ts'

/** The attempt whose logs these are. */
export interface LoggedAttempt {
  readonly number: number
  readonly host: string
  readonly pid: number
  readonly fromStep: number
  /** Unix time in seconds. */
  readonly now: () => number
}

/** How far the log of measurements reaches that a checkpoint counts on. */
export interface KeptMeasurements {
  readonly bytes: number
  readonly step: number
}

const NEWLINE = 0x0a

/** Whether a file has a line that ends at this place. */
function endsLineAt(file: string, at: number): boolean {
  if (at === 0) return true
  if (!Number.isFinite(at)) return false
  const descriptor = openToRead(file)
  try {
    if (at > fs.fstatSync(descriptor).size) return false
    const last = new Uint8Array(1)
    fs.readSync(descriptor, last, 0, 1, at - 1)
    return last[0] === NEWLINE
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Bytes of metrics.jsonl that belong to a checkpoint; the log is read only where somebody has shortened it. */
function keptLength(file: string, kept: KeptMeasurements | undefined): number {
  if (!kept || !fs.existsSync(file)) return 0
  return endsLineAt(file, kept.bytes) ? kept.bytes : metricsLengthAt(readWholeFile(file), kept)
}

/** The logs of an attempt. */
export class AttemptLogs {
  /** Name of the event file in the run's folder. */
  readonly eventFile: string
  readonly #metrics: AppendFile
  readonly #hash: Hash = createHash('sha256')
  readonly #events: AppendFile
  readonly #eventPath: string
  readonly #now: () => number

  /**
   * Cuts metrics.jsonl back to what a checkpoint counts on and opens an event file.
   * @param kept what the checkpoint counts on; undefined where the run begins
   */
  constructor(
    run: RunFolder,
    { number, host, pid, fromStep, now }: LoggedAttempt,
    kept: KeptMeasurements | undefined,
    files: FileOperations,
  ) {
    const file = runPaths(run).metrics
    const length = keptLength(file, kept)
    const hash = this.#hash
    function* hashed(): Generator<Uint8Array, void> {
      for (const piece of length === 0 ? [] : filePieces(file, length)) {
        hash.update(piece)
        yield piece
      }
    }
    this.#now = now
    this.#metrics = replaceAppendFile(file, hashed(), files)
    // TensorBoard reads all event files of a folder, and the host and attempt keep the names apart.
    this.eventFile = `events.out.tfevents.${Math.floor(now())}.${host}.${pid}.${number}`
    this.#eventPath = path.join(run.folder, this.eventFile)
    this.#events = openAppendFile(this.#eventPath, files)
    this.#log([{ kind: 'version', version: eventFileVersion, wallTime: now(), step: 0 }])
    if (number > 1) this.#log([{ kind: 'start', wallTime: now(), step: fromStep + 1 }])
  }

  #log(events: readonly LoggedEvent[]): void {
    this.#events.append(Buffer.concat(events.map(encodeEvent)))
  }

  appendMetrics({ step, epoch, values }: Parameters<RunStore['appendMetrics']>[0]): void {
    const wallTime = this.#now()
    const rows = Object.entries(values).map(([name, value]) => ({ step, epoch, wallTime, name, value }))
    const lines = new TextEncoder().encode(encodeMetrics(rows))
    this.#metrics.append(lines)
    this.#hash.update(lines)
    this.#log(rows.map(({ name: tag, value }) => ({ kind: 'scalar', wallTime, step, tag, value })))
  }

  appendHistogram({ step, tag, values }: Parameters<RunStore['appendHistogram']>[0]): void {
    this.#log([{ kind: 'histogram', wallTime: this.#now(), step, tag, histogram: histogramOf(values) }])
  }

  appendImage({ step, tag, png }: Parameters<RunStore['appendImage']>[0]): void {
    this.#log([{ kind: 'image', wallTime: this.#now(), step, tag, ...pngHeader(png), png }])
  }

  /** Length and SHA-256 of metrics.jsonl as it is on the disk. */
  measured(): { readonly bytes: number; readonly sha256: string } {
    this.#metrics.sync()
    return { bytes: this.#metrics.length, sha256: this.#hash.copy().digest('hex') }
  }

  /** Ends the logs. @returns the SHA-256 of each by its name */
  end(): Readonly<Record<string, string>> {
    const { sha256 } = this.measured()
    this.#metrics.close()
    this.#events.close()
    return { 'metrics.jsonl': sha256, [this.eventFile]: fileSha256(this.#eventPath) }
  }

  /** Lets go of the files, whatever state they are in. */
  abandon(): void {
    quietly(() => this.#metrics.close())
    quietly(() => this.#events.close())
  }
}
