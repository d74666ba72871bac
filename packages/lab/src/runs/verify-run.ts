// Checks all that a run's folder holds against the checksums it carries, and says what is wrong and how to have it
// again.
import fs from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { UserError } from '@ddlf/tensor/errors'
import { fileSha256, readWholeFile, withFile } from './atomic-file.ts'
import { checkpointFile, checkpointNames, loadCheckpoint, readCheckpointOrigin } from './checkpoint.ts'
import { eventsIn } from './event-file.ts'
import { readMetrics } from './curve-log.ts'
import { currentStatus, isAsWritten, readRunRecord, readRunSummary, runPaths } from './run-folder.ts'
import { entriesBelow, ownPath, type Entry } from './run-files.ts'
import { assertBound } from './run-origin.ts'
import { nameOfRun, type RunFolder } from './run-place.ts'
import type { RunRecord, RunStatus } from './run-record.ts'
import type { RunSummary } from './run-summary.ts'
import type { CheckpointName } from './run-store.ts'
import { decodeSafetensors } from './safetensors.ts'

/** What was found of one file of a run. `unrecorded`: nothing says what it should hold. */
export interface FileFinding {
  /** Path within the run's folder. */
  readonly file: string
  readonly state: 'sound' | 'unrecorded' | 'wrong'
  readonly said: string
  /** Where something is wrong: what it can be made from again. */
  readonly remedy?: string
}

/** What was found of a run. */
export interface RunVerification {
  /** `<experiment>/<id>` */
  readonly run: string
  readonly folder: string
  /** Null where the record is not readable. */
  readonly status: RunStatus | null
  /** No file is wrong. */
  readonly sound: boolean
  readonly files: readonly FileFinding[]
}

const UNRECORDED = 'no checksum recorded'
const KILLED = ['interrupted', null]

/** An error in one line of a report. */
const wordsOf = (error: unknown) => {
  const words =
    error instanceof UserError
      ? [error.parts.rule, error.parts.received].filter(Boolean).join(' ')
      : error instanceof Error
        ? error.message
        : String(error)
  return words.replace(/\s*\n\s*/g, ' ')
}

/** Runs a check; what it throws is what is wrong. */
function attempt(file: string, remedy: string | undefined, check: () => Omit<FileFinding, 'file'>): FileFinding {
  try {
    return { file, ...check() }
  } catch (error) {
    return { file, state: 'wrong', said: wordsOf(error), ...(remedy !== undefined && { remedy }) }
  }
}

const sound = (said: string) => ({ state: 'sound', said }) as const
const unrecorded = (said = UNRECORDED) => ({ state: 'unrecorded', said }) as const
const wrong = (said: string, remedy?: string) =>
  ({ state: 'wrong', said, ...(remedy !== undefined && { remedy }) }) as const

const FROM_CHECKPOINTS =
  'The settings stand in the head of every checkpoint (ddlf.origin); a copy of the rest is needed.'
const FROM_EVENTS = 'The event files hold the same numbers to 7 digits.'
const FROM_METRICS = 'It can be made again from metrics.jsonl (scalars; histograms and pictures are lost).'
const FROM_LAST = 'It can be made again from metrics.jsonl and the last checkpoint.'
const BY_OTHERS = 'Use another checkpoint of the run (--checkpoint), or train it again: the same settings and code ' +
  'give the same weights.'

function checkRecord(run: RunFolder): { finding: FileFinding; record?: RunRecord } {
  let record: RunRecord | undefined
  const finding = attempt('run.json', FROM_CHECKPOINTS, () => {
    record = readRunRecord(run)
    const named = nameOfRun(record)
    if (named !== nameOfRun(run)) return wrong(`it is the record of ${named}`, 'Give the folder its own name back.')
    const whole = isAsWritten(run)
    if (whole === undefined) return unrecorded()
    return whole
      ? sound('as it was written')
      : wrong(
          'it was edited by hand, or is damaged',
          'Put back what was changed; the settings of the checkpoints stand in their heads (ddlf.origin).',
        )
  })
  return record ? { finding, record } : { finding }
}

function checkCheckpoint(run: RunFolder, record: RunRecord | undefined, name: CheckpointName): FileFinding {
  const { checkpoints } = runPaths(run)
  const file = checkpointFile(checkpoints, name)
  return attempt(path.relative(run.folder, file), BY_OTHERS, () => {
    const origin = loadCheckpoint(checkpoints, name)?.origin
    if (!origin) return sound('its checksum holds; an older version wrote it, which did not name its run')
    if (record) assertBound(origin, record, name)
    return sound('its checksum holds, it is of this run and its settings')
  })
}

function missingCheckpoints(run: RunFolder, record: RunRecord): FileFinding[] {
  const there = checkpointNames(runPaths(run).checkpoints)
  if (record.status !== 'completed' || there.includes('last')) return []
  const remedy = there.length > 0 ? BY_OTHERS : 'Train it again: the same settings and code give the same weights.'
  return [{ file: 'checkpoints/last.safetensors', ...wrong('it is gone, though the run has completed', remedy) }]
}

/** What of a log is looked at, however long it is. */
interface LogFound {
  readonly lines: number
  /** Lines that say something of a step a second time: steps only grow. */
  readonly doubled: number
  /** The last value of each name. */
  readonly last: ReadonlyMap<string, number>
}

const NO_LOG: LogFound = { lines: 0, doubled: 0, last: new Map() }

/** Reads a log piece by piece. @throws UserError naming a line that is no metric */
function lookThrough(file: string): LogFound {
  let [lines, doubled] = [0, 0]
  const steps = new Map<string, number>()
  const last = new Map<string, number>()
  readMetrics(file, ({ name, step, value }) => {
    lines++
    if (step <= (steps.get(name) ?? -Infinity)) doubled++
    else steps.set(name, step)
    last.set(name, value)
    return false
  })
  return { lines, doubled, last }
}

function checkMetrics(
  run: RunFolder,
  record: RunRecord | undefined,
): { finding: FileFinding; log: LogFound } {
  const { metrics: file, checkpoints } = runPaths(run)
  let log = NO_LOG
  const finding = attempt('metrics.jsonl', FROM_EVENTS, () => {
    if (!fs.existsSync(file))
      return record?.attempts.some(({ reason }) => !KILLED.includes(reason))
        ? wrong('it is gone', FROM_EVENTS)
        : unrecorded('there is none yet')
    log = lookThrough(file)
    const { lines, doubled } = log
    if (doubled > 0)
      return wrong(
        `${doubled} of ${lines} lines say something a second time`,
        'Resuming the run cuts it back to its checkpoint; else keep the first of each.',
      )
    const whole = record?.files?.['metrics.jsonl']
    if (whole !== undefined)
      return fileSha256(file) === whole
        ? sound(`its checksum holds, ${lines} lines`)
        : wrong('its checksum is another than was recorded', FROM_EVENTS)
    const upTo = readCheckpointOrigin(checkpoints, 'last')?.metrics
    if (!upTo) return unrecorded()
    return fileSha256(file, upTo.bytes) === upTo.sha256
      ? sound('as it was up to the last checkpoint')
      : wrong('other lines than were measured up to the last checkpoint', FROM_EVENTS)
  })
  return { finding, log }
}

/** The values of a summary's last epoch on held-out data that differ from those of metrics.jsonl. */
function disagreement(summary: RunSummary, { last }: LogFound): string | undefined {
  for (const [split, values] of Object.entries(summary.metrics)) {
    if (split === 'train') continue
    for (const [name, value] of Object.entries(values)) {
      const measured = last.get(`${split}/${name}`)
      if (measured !== undefined && !Object.is(measured, value))
        return `${split}/${name} is ${value}, and ${measured} in metrics.jsonl`
    }
  }
  return undefined
}

function checkSummary(run: RunFolder, record: RunRecord | undefined, log: LogFound): FileFinding[] {
  const expected = record?.files?.['summary.json']
  return [attempt('summary.json', FROM_LAST, () => {
    const summary = readRunSummary(run)
    if (!summary)
      return expected !== undefined || record?.status === 'completed'
        ? wrong('it is gone', FROM_LAST)
        : unrecorded('there is none yet')
    if (expected !== undefined)
      return fileSha256(runPaths(run).summary) === expected
        ? sound('its checksum holds')
        : wrong('its checksum is another than was recorded', FROM_LAST)
    const differs = disagreement(summary, log)
    // A run that goes on keeps the summary of its last stop.
    return differs !== undefined && record?.status === 'completed' ? wrong(differs, FROM_LAST) : unrecorded()
  })]
}

/** How artifacts are made again, by name. */
const REMEDIES: readonly (readonly [RegExp, (run: string) => string])[] = [
  [
    /^artifacts\/(test|validation)-outputs/,
    run => `The last checkpoint gives the same outputs: npm run ddlf -- evaluate ${run}`,
  ],
  [/^artifacts\/(analysis|figures)/, run => `npm run ddlf -- analyze ${run}`],
  [/^artifacts\/model\./, run => `npm run ddlf -- export ${run}`],
  [/^artifacts\/data-split/, () => 'Restore it from a copy: nothing else knows which examples were trained on.'],
]

/** Bytes that a packed artifact may unpack to: more than any list of examples needs. */
const MOST_UNPACKED = 2 ** 30

/** Files that hold something in a form of their own are read as well. */
function readArtifact(file: string): void {
  if (file.endsWith('.safetensors')) decodeSafetensors(readWholeFile(file))
  if (file.endsWith('.gz')) gunzipSync(readWholeFile(file), { maxOutputLength: MOST_UNPACKED })
}

function checkArtifact(run: RunFolder, record: RunRecord | undefined, file: string): FileFinding {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(file))?.[1](nameOfRun(run))
  const expected = record?.files?.[file]
  return attempt(file, remedy, () => {
    const place = ownPath(run.folder, path.join(run.folder, file))
    if (!fs.existsSync(place)) return wrong('it is gone', remedy)
    if (expected !== undefined)
      return fileSha256(place) === expected
        ? sound('its checksum holds')
        : wrong('its checksum is another than was recorded', remedy)
    readArtifact(place)
    return unrecorded()
  })
}

const EVENTS = /^events\.out\.tfevents\./

function checkEvents(run: RunFolder, record: RunRecord | undefined, file: string): FileFinding {
  const expected = record?.files?.[file]
  return attempt(file, FROM_METRICS, () => {
    const place = ownPath(run.folder, path.join(run.folder, file))
    if (!fs.existsSync(place)) return wrong('it is gone', FROM_METRICS)
    if (expected !== undefined && fileSha256(place) !== expected)
      return wrong('its checksum is another than was recorded', FROM_METRICS)
    return withFile(place, (read, size) => {
      const reading = eventsIn(read, size)
      for (let events = 0; ; events++) {
        const { done, value: torn } = reading.next()
        if (!done) continue
        const end = torn ? '; the last is cut off, as a kill leaves it' : ''
        return sound(`the checksums of its ${events} events hold${end}`)
      }
    })
  })
}

const NO_FILE = 'it is a link or no file at all'
const OWN_FILES = 'Put the file itself in its place, or remove it: a run never reads or writes through links.'

const LOCK = /^lock-\d+(\.released)?\.json$/
const KNOWN =
  /^((run|summary|notes|metrics\.index)\.json|metrics\.jsonl|checkpoints\/(last|best|step-\d+)\.safetensors)$/

/**
 * Checks everything a run's folder holds: the record, the checkpoints (checksum, run and settings), the measured
 * numbers, the summary, artifacts and event files; and what should be there and is not. Nothing is changed. Runs of
 * older versions recorded fewer checksums: what has none is read, and said to have none.
 */
export function verifyRun(run: RunFolder): RunVerification {
  const entries: Entry[] = []
  const structure = attempt('.', OWN_FILES, () => {
    entries.push(...[...entriesBelow(run.folder)].sort((a, b) => (a.file < b.file ? -1 : 1)))
    runPaths(run)
    return sound('its files and folders are its own')
  })
  const { finding: recordFinding, record } = checkRecord(run)
  // Nothing is read through a link or out of a device, so nothing more can be said of such a run.
  if (structure.state === 'wrong') {
    const links = entries
      .filter(({ isFile }) => !isFile)
      .map(({ file }): FileFinding => ({ file, ...wrong(NO_FILE, OWN_FILES) }))
    const status = record?.status ?? null
    const files = links.length > 0 ? links : [structure]
    return { run: nameOfRun(run), folder: run.folder, status, sound: false, files }
  }
  const names = entries.filter(({ isFile, isNotText }) => isFile && !isNotText).map(({ file }) => file)
  const { finding: metricsFinding, log } = checkMetrics(run, record)
  // What is there, and what should be.
  const held = (fits: (file: string) => boolean) =>
    [...new Set([...Object.keys(record?.files ?? {}), ...names])]
      .filter(file => fits(file) && !file.endsWith('.tmp'))
      .sort()
  const others = entries.flatMap(({ file, isFile, isNotText }): FileFinding[] => {
    if (!isFile) return [{ file, ...wrong(NO_FILE, OWN_FILES) }]
    if (isNotText) return [{ file, ...unrecorded('its name is not UTF-8: it is no file of a run') }]
    if (file.endsWith('.tmp'))
      return [{ file, ...unrecorded('left by a writer that was killed; the next resume removes it') }]
    return KNOWN.test(file) || LOCK.test(file) || EVENTS.test(file) || file.startsWith('artifacts/')
      ? []
      : [{ file, ...unrecorded('it is no file of a run') }]
  })
  const files = [
    recordFinding,
    ...checkpointNames(runPaths(run).checkpoints).map(name => checkCheckpoint(run, record, name)),
    ...(record ? missingCheckpoints(run, record) : []),
    metricsFinding,
    ...checkSummary(run, record, log),
    ...held(file => file.startsWith('artifacts/')).map(file => checkArtifact(run, record, file)),
    ...held(file => EVENTS.test(file)).map(file => checkEvents(run, record, file)),
    ...others,
  ]
  return {
    run: nameOfRun(run),
    folder: run.folder,
    status: record ? currentStatus(run, record) : null,
    sound: files.every(({ state }) => state !== 'wrong'),
    files,
  }
}
