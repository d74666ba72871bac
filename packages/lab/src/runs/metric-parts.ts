// The one reader of metrics.jsonl: piece by piece, never the whole of it in memory.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { UserError } from '@ddlf/tensor/errors'
import { parseLine, parseLines, type Measurement } from './metrics-log.ts'

/** A position behind a complete line. */
export interface LogPosition {
  readonly bytes: number
  /** Lines before it. */
  readonly lines: number
}

const START: LogPosition = { bytes: 0, lines: 0 }

/** The metrics of the complete lines of one piece. */
export interface LogPart extends LogPosition {
  readonly metrics: readonly Measurement[]
  /** What lies just before the position: see {@link markOf}. */
  readonly mark: string
}

/** A log as it lies on the disk. */
export interface LogState {
  readonly size: number
  readonly changed: string
}

const PIECE = 256 * 1024
/** A metric's line takes about a hundred bytes: what is longer is none. */
const LONGEST_LINE = 64 * 1024
const MARKED = 256
const NEWLINE = 0x0a

const stateOf = ({ ino, mtimeMs, size }: fs.Stats): LogState => ({ size, changed: `${ino} ${mtimeMs} ${size}` })

/** How the log lies on the disk now; undefined where there is none. */
export function logState(file: string): LogState | undefined {
  const found = fs.lstatSync(file, { throwIfNoEntry: false })
  return found && stateOf(found)
}

/** How a log that is open lies on the disk now. */
export const openLogState = (descriptor: number): LogState => stateOf(fs.fstatSync(descriptor))

/**
 * A short checksum of the bytes before a position. Lines carry the time of their writing, so a log that was cut back
 * and grew again, or was replaced, has another one there.
 */
export function markOf(descriptor: number, position: number): string {
  const bytes = new Uint8Array(Math.min(MARKED, position))
  const count = fs.readSync(descriptor, bytes, 0, bytes.length, position - bytes.length)
  return createHash('sha256').update(bytes.subarray(0, count)).digest('hex').slice(0, 16)
}

/** The checksum of the beginning of a log, of at most `position` bytes. */
export const headOf = (descriptor: number, position: number): string => markOf(descriptor, Math.min(MARKED, position))

const damaged = (file: string, line: number, text: string) => new UserError({
  rule: 'Every line of metrics.jsonl holds step, epoch, wallTime, name and value.',
  received: `line ${line} of ${file}: ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`,
  next: 'Restore the file from a copy, or remove the line.',
})

/** The complete lines at the beginning of a piece. */
interface Lines {
  readonly metrics: readonly Measurement[]
  /** Bytes of the lines that are metrics. */
  readonly length: number
  /** The line behind them, where it is complete and no metric. */
  readonly bad?: string
}

function linesOf(piece: Buffer, end: number): Lines {
  const length = piece.subarray(0, end).lastIndexOf(NEWLINE) + 1
  if (length === 0) return { metrics: [], length }
  const lines = piece.subarray(0, length)
  let count = 0
  for (let newline = lines.indexOf(NEWLINE); newline >= 0; newline = lines.indexOf(NEWLINE, newline + 1)) count++
  const all = parseLines(lines.toString(), count)
  if (all) return { metrics: all, length }
  const decoder = new TextDecoder()
  const metrics: Measurement[] = []
  for (let start = 0; start < length; ) {
    const next = lines.indexOf(NEWLINE, start) + 1
    const text = decoder.decode(lines.subarray(start, next - 1))
    const metric = parseLine(text)
    if (!metric) return { metrics, length: start, bad: text }
    metrics.push(metric)
    start = next
  }
  return { metrics, length }
}

/**
 * The metrics from a position on, one part a piece of 256 KiB. A last line without its newline was torn by a kill, and
 * a last line that is none is what a power cut leaves: both are left out.
 * @throws UserError where an earlier line is not a metric, with its number
 */
export function* metricParts(descriptor: number, file: string, from: LogPosition = START): Generator<LogPart, void> {
  const piece = Buffer.allocUnsafe(PIECE + LONGEST_LINE)
  let { bytes, lines } = from
  /** Bytes of the piece that hold the beginning of a line. */
  let begun = 0
  for (;;) {
    // The piece begins where the last complete line ended.
    const end = begun + fs.readSync(descriptor, piece, begun, PIECE, bytes + begun)
    if (end === begun) return
    const base = bytes
    const { metrics, length, bad } = linesOf(piece, end)
    bytes += length
    lines += metrics.length
    const badEnd = bad === undefined ? 0 : piece.indexOf(NEWLINE, length) + 1
    // Whatever follows, a torn line too, shows that the bad one was not the last.
    const follows = () => badEnd < end || fs.readSync(descriptor, new Uint8Array(1), 0, 1, base + end) > 0
    if (bad !== undefined && follows()) throw damaged(file, lines + 1, bad)
    if (metrics.length > 0) yield { metrics, bytes, lines, mark: markOf(descriptor, bytes) }
    if (bad !== undefined) return
    begun = end - length
    if (begun > LONGEST_LINE) throw damaged(file, lines + 1, piece.toString('utf8', length, length + 100))
    piece.copyWithin(0, length, end)
  }
}
