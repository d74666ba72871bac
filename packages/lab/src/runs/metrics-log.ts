// The lines of metrics.jsonl: append-only, one measured number a line, readable after a kill in the middle of a line.

/** One measured number. */
export interface Measurement {
  /** Optimizer steps done since the run began. */
  readonly step: number
  /** Passes over the training data, fractions included. */
  readonly epoch: number
  /** Unix time in seconds. */
  readonly wallTime: number
  /** For example `train/loss` or `test/loss`. */
  readonly name: string
  readonly value: number
}

/** JSON has no notation for these three, so a line writes them as text. */
const SPECIAL: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity }

/**
 * The lines of some metrics, each ended by a newline. `NaN` and infinities are written as the text `"NaN"`,
 * `"Infinity"` and `"-Infinity"`.
 */
export function encodeMetrics(metrics: readonly Measurement[]): string {
  return metrics
    .map(({ step, epoch, wallTime, name, value }) =>
      JSON.stringify({ step, epoch, wallTime, name, value: Number.isFinite(value) ? value : String(value) }) + '\n')
    .join('')
}

/** What JSON has made of a line; undefined where it is no metric. */
function metricOf(parsed: unknown): Measurement | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { step, epoch, wallTime, name, value: written } = parsed as Record<string, unknown>
  const value = typeof written === 'string' && Object.hasOwn(SPECIAL, written) ? SPECIAL[written] : written
  if (typeof step !== 'number' || typeof epoch !== 'number' || typeof wallTime !== 'number') return undefined
  return typeof name === 'string' && typeof value === 'number' ? { step, epoch, wallTime, name, value } : undefined
}

/** One line of the log; undefined where it is no metric. */
export function parseLine(line: string): Measurement | undefined {
  try {
    return metricOf(JSON.parse(line))
  } catch {
    return undefined
  }
}

/**
 * Some complete lines at once, which takes a fraction of the time of one after the other.
 * @param text the lines, the last one's newline included
 * @param count how many they are
 * @returns undefined where one of them is no metric
 */
export function parseLines(text: string, count: number): Measurement[] | undefined {
  try {
    const parsed = JSON.parse(`[${text.slice(0, -1).replaceAll('\n', ',')}]`) as unknown[]
    if (parsed.length !== count) return undefined
    const metrics: Measurement[] = []
    for (const one of parsed) {
      const metric = metricOf(one)
      if (!metric) return undefined
      metrics.push(metric)
    }
    return metrics
  } catch {
    return undefined
  }
}

const NEWLINE = 0x0a

/**
 * Calls `visit` for every complete line with the offset behind its newline; stops early where `visit` returns false.
 */
function eachLine(bytes: Uint8Array, visit: (line: string, number: number, end: number) => boolean): void {
  const decoder = new TextDecoder()
  let number = 0
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    if (newline < 0) return
    number++
    if (!visit(decoder.decode(bytes.subarray(start, newline)), number, newline + 1)) return
    start = newline + 1
  }
}

/**
 * How many bytes of metrics.jsonl a run keeps when it resumes from a checkpoint, so that no line is doubled when the
 * steps behind the checkpoint are done again.
 * @param checkpoint `bytes` is the log's length when the checkpoint was saved, `step` its step. Where the log still
 * reaches that length, it is the answer; otherwise (the log was shortened by hand) the lines up to `step` are kept.
 */
export function metricsLengthAt(
  bytes: Uint8Array,
  checkpoint: { readonly bytes: number; readonly step: number },
): number {
  const atLineEnd = checkpoint.bytes === 0 || bytes[checkpoint.bytes - 1] === NEWLINE
  if (checkpoint.bytes <= bytes.length && atLineEnd) return checkpoint.bytes
  let length = 0
  eachLine(bytes, (line, _number, end) => {
    const metric = parseLine(line)
    if (!metric || metric.step > checkpoint.step) return false
    length = end
    return true
  })
  return length
}
