// The folder of a run, runs/<experiment>/<id>/: creating, listing, and reading what it holds.
import { randomInt } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Metric } from '../experiment/metric.ts'
import {
  errorCode,
  explained,
  fileSha256,
  nodeFiles,
  quietly,
  readWholeFile,
  sha256,
  syncFolder,
  temporaryName,
  withFile,
  writeFileAtomic,
  type FileOperations,
} from './atomic-file.ts'
import { parseExact, stringifyExact, type Json } from './exact-json.ts'
import { readCurves, readMetrics } from './curve-log.ts'
import type { Measurement } from './metrics-log.ts'
import { provenance as findProvenance, type Provenance } from './provenance.ts'
import { runLockOwner, thisProcess } from './run-lock.ts'
import { containedFiles, ownPath } from './run-files.ts'
import { isRunName, nameOfRun, runPlaces, type RunFolder } from './run-place.ts'
import { parseRunRecord, type RunRecord, type RunStatus } from './run-record.ts'
import { parseRunSummary, type RunSummary, type WrittenSummary } from './run-summary.ts'
import { decodeSafetensors, decodeSafetensorsHead, type DecodedTensor } from './safetensors.ts'

/** What a new run is. */
export interface NewRun {
  /** The folder that holds all runs, usually `runs`. */
  readonly root: string
  readonly experiment: string
  /** Every setting as it was resolved, defaults included. */
  readonly config: Readonly<Record<string, Json>>
  readonly seed: number
  /** The settings among them that are not the experiment's own. */
  readonly chosen?: readonly string[]
  /** The study whose trial it is. */
  readonly study?: { readonly name: string; readonly trial: number }
  /** The command line; that of this process where left out. */
  readonly command?: readonly string[]
  /** SHA-256 by data file. */
  readonly data?: Readonly<Record<string, string>>
  /** Found out from the working directory where left out. */
  readonly provenance?: Provenance
  /** What the metrics of the run mean, the one that lists show first. */
  readonly metrics?: readonly Metric[]
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** `20270131-235959-k3f9`: UTC, so ids sort by time, and four random characters. */
const newId = (now: Date) => {
  const digits = now.toISOString().replace(/\D/g, '')
  const random = Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${random}`
}

/** The text of a run.json, with its own checksum. */
function encodeRecord(record: RunRecord): string {
  const checksum = sha256(stringifyExact(record, 2))
  return `${stringifyExact({ ...record, checksum }, 2)}\n`
}

const recordFile = (run: RunFolder) => path.join(run.folder, 'run.json')
const summaryFile = (run: RunFolder) => path.join(run.folder, 'summary.json')

/**
 * The files and folders of a run by what they hold.
 * @throws UserError where one of them is a link, a pipe or a device
 */
export const runPaths = (run: RunFolder) => ({
  record: ownPath(run.folder, recordFile(run)),
  summary: ownPath(run.folder, summaryFile(run)),
  metrics: ownPath(run.folder, path.join(run.folder, 'metrics.jsonl')),
  checkpoints: ownPath(run.folder, path.join(run.folder, 'checkpoints'), { last: 'folder' }),
  artifacts: ownPath(run.folder, path.join(run.folder, 'artifacts'), { last: 'folder' }),
})

/**
 * A file of a run by its path below the run's folder, for example `artifacts/test-outputs.safetensors`.
 * @throws UserError where it is missing, or a link or a device is in its place
 */
export const readRunFile = (run: RunFolder, name: string): Uint8Array =>
  readWholeFile(ownPath(run.folder, path.join(run.folder, name)))

/**
 * Replaces a file of a run as a whole, with the folders above it.
 * @throws UserError where a link leads out of the run
 */
export function writeRunFile(
  run: RunFolder,
  name: string,
  content: Uint8Array | string,
  system: FileOperations = nodeFiles,
): void {
  const files = containedFiles(system, run.folder)
  const file = path.join(run.folder, name)
  explained(file, () => files.makeFolder(path.dirname(file)))
  writeFileAtomic(file, content, files)
}

/**
 * Creates the folder of a new run with its run.json, all at once: a kill leaves the whole folder or none.
 * @throws UserError where the experiment's name cannot name a folder, or the folder is not writable or the disk full
 */
export function createRun(options: NewRun, files: FileOperations = nodeFiles): RunFolder & { record: RunRecord } {
  checkOptions('createRun', options, [
    'root',
    'experiment',
    'config',
    'seed',
    'chosen',
    'study',
    'command',
    'data',
    'provenance',
    'metrics',
  ])
  const { experiment, config, seed, chosen, study, command = process.argv, data = {}, metrics } = options
  if (!isRunName(experiment)) {
    throw new UserError({
      rule: "An experiment's name is made of letters, digits, '-', '_' and '.', and starts with a letter or digit.",
      received: experiment,
    })
  }
  const parent = path.resolve(options.root, experiment)
  const created = new Date()
  const { git, lockFile, machine, versions } = options.provenance ?? findProvenance()
  explained(parent, () => files.makeFolder(ownPath(path.resolve(options.root), parent, { last: 'folder' })))
  for (;;) {
    const id = newId(created)
    const folder = path.join(parent, id)
    const record: RunRecord = {
      format: 1, experiment, id, status: 'running', createdAt: created.toISOString(), config: { ...config }, seed,
      ...(chosen && { chosen: [...chosen] }), ...(study && { study: { ...study } }),
      command: [...command], git, lockFile, data: { ...data }, machine, versions, attempts: [],
      ...(metrics && { metrics: metrics.map(metric => ({ ...metric })) }),
    }
    const temporary = temporaryName(folder)
    try {
      explained(folder, () => {
        for (const name of ['checkpoints', 'artifacts']) files.makeFolder(path.join(temporary, name))
      })
      writeFileAtomic(path.join(temporary, 'run.json'), encodeRecord(record), files)
      explained(folder, () => {
        files.rename(temporary, folder)
        syncFolder(parent, files)
      })
      return { experiment, id, folder, record }
    } catch (error) {
      quietly(() => files.remove(temporary))
      // The same id twice within a second: draw again.
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error
    }
  }
}

/**
 * Reads a run's run.json.
 * @throws UserError where it is missing, torn or not a run's record
 */
export function readRunRecord(run: RunFolder): RunRecord {
  const file = recordFile(run)
  return parseRunRecord(Buffer.from(readWholeFile(ownPath(run.folder, file))).toString(), file)
}

/** Replaces a run's run.json. @throws UserError where the disk is full or the folder not writable */
export const writeRunRecord = (run: RunFolder, record: RunRecord, files: FileOperations = nodeFiles): void =>
  writeFileAtomic(ownPath(run.folder, recordFile(run)), encodeRecord(record), files)

/**
 * Whether run.json is, to the byte, what this program wrote; undefined where an older version wrote it, without a
 * checksum.
 */
export function isAsWritten(run: RunFolder): boolean | undefined {
  const file = recordFile(run)
  const text = explained(file, () => Buffer.from(readWholeFile(ownPath(run.folder, file))).toString())
  const record = parseExact(text) as RunRecord
  // Who writes checksums of files writes its own as well.
  if (record.checksum === undefined) return record.files === undefined ? undefined : false
  delete record.checksum
  return encodeRecord(record) === text
}

/** Where a run keeps its outputs on a part of the data, below its folder. */
export const outputsOf = (part: string): string => `artifacts/${part}-outputs.safetensors`

/** Where a run keeps its outputs on the part of the data that judged it. */
const OUTPUTS = ['test', 'validation'].map(outputsOf)

/** The path of the file of its outputs, below the run's folder. */
const outputsEntry = (run: RunFolder): string | undefined =>
  OUTPUTS.find(entry => fs.existsSync(ownPath(run.folder, path.join(run.folder, entry))))

/** Where a run keeps its outputs on the examples that judged it; undefined where it keeps none. */
export function outputsFile(run: RunFolder): string | undefined {
  const entry = outputsEntry(run)
  return entry === undefined ? undefined : path.join(run.folder, entry)
}

/**
 * The raw outputs of a run on the examples that judged it, by name; undefined where it keeps none.
 * @throws UserError where they are not what the run recorded
 */
export function readRunOutputs(run: RunFolder): Record<string, DecodedTensor> | undefined {
  const name = outputsEntry(run)
  if (name === undefined) return undefined
  const file = path.join(run.folder, name)
  const expected = readRunRecord(run).files?.[name]
  const actual = expected === undefined ? undefined : fileSha256(file)
  if (actual === expected) return decodeSafetensors(readWholeFile(file)).tensors
  throw new UserError({
    rule: 'The outputs of a run are those that it recorded.',
    received: `${file}: SHA-256 ${actual ?? ''} instead of ${expected ?? ''}`,
    next: `The last checkpoint gives them again: npm run ddlf -- evaluate ${nameOfRun(run)}`,
  })
}

/**
 * How many examples judged a run, by the outputs that it keeps on them: read from the head of their file alone.
 * @returns undefined where it keeps none, or they cannot be read
 */
export function judgedExamples(run: RunFolder): number | undefined {
  let examples: number | undefined
  quietly(() => {
    const file = outputsFile(run)
    if (file !== undefined) examples = withFile(file, decodeSafetensorsHead).tensors[0]?.shape[0]
  })
  return examples
}

/** A run's summary; null before the run has finished. @throws UserError where the file is not readable as one */
export function readRunSummary(run: RunFolder): RunSummary | null {
  const file = summaryFile(run)
  if (!fs.existsSync(ownPath(run.folder, file))) return null
  return parseRunSummary(Buffer.from(readWholeFile(file)).toString(), file)
}

/** Replaces a run's summary.json. @throws UserError where the disk is full or the folder not writable */
export const writeRunSummary = (run: RunFolder, summary: WrittenSummary, files: FileOperations = nodeFiles): void =>
  writeFileAtomic(ownPath(run.folder, summaryFile(run)), `${stringifyExact(summary, 2)}\n`, files)

/**
 * What a run has measured so far, in the order of writing, as exactly as it was written.
 * @param wanted chooses; memory is bounded by what is chosen, however long the log
 * @throws UserError naming a line that is no metric
 */
export const readRunMetrics = (run: RunFolder, wanted?: (metric: Measurement) => boolean): Measurement[] =>
  readMetrics(runPaths(run).metrics, wanted)

/**
 * What a run has measured so far as a screen can show it: all of it, but of more than 1,024 measurements of one name
 * the extremes of each stretch, the first and the last. @throws UserError naming a line that is no metric
 */
export const readRunCurves = (run: RunFolder): Measurement[] => readCurves(runPaths(run).metrics).metrics()

/** One line of a list of runs. */
export interface RunListing extends RunFolder {
  readonly record: RunRecord
  /** The record's status, but `interrupted` where the record says `running` and no living process holds the run. */
  readonly status: RunStatus
  /** Null where not asked for, and before the run has finished. */
  readonly summary: RunSummary | null
}

/** The runs that could be read, and those that could not with the reason. */
export interface RunList {
  readonly runs: RunListing[]
  readonly problems: readonly { readonly folder: string; readonly error: UserError }[]
}

/**
 * Whether a process works on the run now; the record alone cannot say, since a killed process leaves `running` behind.
 */
export const currentStatus = (run: RunFolder, record: RunRecord, here = thisProcess()): RunStatus =>
  record.status === 'running' && runLockOwner(run.folder, here) === undefined ? 'interrupted' : record.status

/**
 * Lists runs, newest first. Names are read from the folders; run.json is read only until `limit` runs are found, so
 * the newest few of very many runs cost little. A run that cannot be read does not stop the list.
 * @param options `status` filters; `summaries` also reads each summary.json
 */
export function listRuns(options: {
  readonly root: string
  readonly experiment?: string
  readonly status?: RunStatus
  readonly limit?: number
  readonly summaries?: boolean
}): RunList {
  checkOptions('listRuns', options, ['root', 'experiment', 'status', 'limit', 'summaries'])
  const { root, experiment, status: wanted, limit = Infinity, summaries = false } = options
  const runs: RunListing[] = []
  const problems: { folder: string; error: UserError }[] = []
  const here = thisProcess()
  for (const run of runPlaces(root, experiment)) {
    if (runs.length >= limit) break
    try {
      const record = readRunRecord(run)
      const status = currentStatus(run, record, here)
      if (wanted !== undefined && status !== wanted) continue
      runs.push({ ...run, record, status, summary: summaries ? readRunSummary(run) : null })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push({ folder: run.folder, error })
    }
  }
  return { runs, problems }
}
