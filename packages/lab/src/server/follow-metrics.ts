// A run's metrics as they are written: the cursor is a position in metrics.jsonl, so that a reader goes on where it was.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { parseMetrics, type Metric } from '../runs/metrics-log.ts'

/** Metrics after a cursor. */
export interface MetricsPart {
  readonly cursor: number
  readonly metrics: readonly Metric[]
  /** The file is shorter than the cursor: a resumed run cut it back to its checkpoint, and the reader starts anew. */
  readonly restarted: boolean
}

const LARGEST_PART = 4 * 2 ** 20
const NEWLINE = 0x0a

/** Reads the complete lines behind a cursor. */
export function metricsAfter(file: string, cursor: number): MetricsPart {
  if (!existsSync(file)) return { cursor: 0, metrics: [], restarted: false }
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const restarted = cursor > size
    const from = restarted ? 0 : cursor
    const bytes = new Uint8Array(Math.min(size - from, LARGEST_PART))
    const count = readSync(handle, bytes, 0, bytes.length, from)
    const complete = bytes.subarray(0, bytes.subarray(0, count).lastIndexOf(NEWLINE) + 1)
    return { cursor: from + complete.length, metrics: parseMetrics(complete), restarted }
  } finally {
    closeSync(handle)
  }
}
