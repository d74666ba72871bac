// Runs on disk as a training loop sees them: starting a run, resuming it, and the store that writes to its folder.
import fs from 'node:fs'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../command-text.ts'
import {
  fileSha256,
  filePieces,
  nodeFiles,
  quietly,
  removeTemporaryFiles,
  sha256,
  writeFileAtomic,
  type FileOperations,
} from './atomic-file.ts'
import { AttemptLogs } from './attempt-logs.ts'
import {
  loadCheckpoint,
  pruneStepCheckpoints,
  readCheckpointOrigin,
  saveCheckpoint,
  type StoredCheckpoint,
} from './checkpoint.ts'
import type { Json } from './exact-json.ts'
import { provenance as findProvenance } from './provenance.ts'
import { createRun, readRunRecord, runPaths, writeRunRecord, writeRunSummary, type NewRun } from './run-folder.ts'
import { acquireRunLock, fencedFiles, thisProcess, type RunLock } from './run-lock.ts'
import {
  assertBound,
  attemptsBefore,
  changedError,
  changesSince,
  originOf,
  recordedOrigin,
  type RunOrigin,
  type Surroundings,
} from './run-origin.ts'
import { containedFiles } from './run-files.ts'
import type { RunFolder } from './run-place.ts'
import type { RunRecord } from './run-record.ts'
import { openRun } from './run-reference.ts'
import { runsWords } from './runs-words.ts'
import type { Checkpoint, CheckpointName, RunStore } from './run-store.ts'

/** How a stored run behaves. */
export interface StoredRunOptions {
  /** How many `step-N` checkpoints to keep beside `last` and `best`; 0 (the default) writes none. */
  readonly keepLast?: number
  /** Unix time in seconds; the system clock by default. */
  readonly now?: () => number
  /** Test seam: the file system. */
  readonly files?: FileOperations
}

/** A {@link RunStore} on disk. */
export interface StoredRun extends RunStore, RunFolder {
  /** run.json as it stands. */
  readonly record: RunRecord
}

// The length of metrics.jsonl travels in the checkpoint under this name and is taken out again on load.
const METRICS_BYTES = 'metricsBytes'

function split({ tensors, loop: { [METRICS_BYTES]: metricsBytes, ...loop } }: Checkpoint): {
  checkpoint: Checkpoint
  metricsBytes: number
} {
  return { checkpoint: { tensors, loop }, metricsBytes: typeof metricsBytes === 'number' ? metricsBytes : Infinity }
}

/** What an attempt is opened with. */
interface Opening {
  readonly lock: RunLock
  readonly here: Surroundings
  readonly checkpoint?: StoredCheckpoint | undefined
  /** What has changed since the checkpoint, where the attempt goes on all the same. */
  readonly changed?: readonly string[]
}

/**
 * Creates a run, takes its lock and opens its first attempt.
 * @throws UserError where the folder is not writable or the disk full
 */
export function startRun(options: NewRun & StoredRunOptions): StoredRun {
  checkOptions('startRun', options, [
    'root', 'experiment', 'config', 'seed', 'chosen', 'study', 'command', 'data', 'provenance', 'metrics', 'keepLast',
    'now', 'files',
  ])
  const {
    root,
    experiment,
    config,
    seed,
    chosen,
    study,
    command,
    data,
    metrics,
    files = nodeFiles,
    provenance: here = findProvenance(),
  } = options
  const given = {
    ...(chosen && { chosen }),
    ...(study && { study }),
    ...(command && { command }),
    ...(data && { data }),
    ...(metrics && { metrics }),
  }
  const fresh = { root, experiment, config, seed, provenance: here, ...given }
  const { record, ...run } = createRun(fresh, files)
  const lock = acquireRunLock(run.folder, { files })
  try {
    return openAttempt(run, record, { lock, here }, options)
  } catch (error) {
    lock.release()
    throw error
  }
}

/** How a run is taken up again. */
export interface ResumeOptions extends StoredRunOptions {
  readonly root: string
  /** As for {@link openRun}. */
  readonly run: string
  /** Where the attempt runs; found out where left out. */
  readonly provenance?: Surroundings
  /** SHA-256 of the data as they are now, by the names in the record. */
  readonly data?: Readonly<Record<string, string>>
  /** Where the data lie now: the settings `data` and `testData`, where they were moved. */
  readonly places?: Readonly<Record<string, string>>
  /** Goes on although something has changed since the checkpoint, and says so in the record. */
  readonly changed?: boolean
}

/** What was measured up to a checkpoint belongs to the run as its weights do. */
function changedMetrics(file: string, origin: RunOrigin | undefined): string[] {
  if (!origin?.metrics) return []
  const same = (fs.existsSync(file) ? fileSha256(file, origin.metrics.bytes) : sha256('')) === origin.metrics.sha256
  return same ? [] : ['metrics.jsonl: other lines than were measured up to the checkpoint']
}

/** What has changed since the checkpoint `last`, which may not be there; without one nothing but the data counts. */
function resumeChanges(
  run: RunFolder,
  record: RunRecord,
  here: Surroundings,
  options: Pick<ResumeOptions, 'data'>,
): string[] {
  const { checkpoints, metrics } = runPaths(run)
  const now = { ...originOf(record, here), data: { ...record.data, ...options.data } }
  if (!fs.existsSync(path.join(checkpoints, 'last.safetensors')))
    return changesSince({ ...now, data: record.data }, now)
  const origin = readCheckpointOrigin(checkpoints, 'last')
  if (origin && origin.run !== now.run) assertBound(origin, record, `${run.folder}: checkpoint last`)
  return [...changesSince(origin ?? recordedOrigin(record), now), ...changedMetrics(metrics, origin)]
}

/** @throws UserError where a run has completed */
function assertNotCompleted({ status, experiment, id }: RunRecord, root: string): void {
  if (status !== 'completed') return
  const name = `${experiment}/${id}`
  throw new UserError({
    rule: 'The run is completed: nothing is left to do.',
    received: name,
    next: `Look at it: ${ddlfCommand('show', name, ...runsWords(root))}`,
  })
}

/**
 * Refuses what {@link resumeRun} would refuse for a change of settings, code, versions or lock file, or because the run
 * has completed, before anything large is read.
 * @throws UserError naming what has changed since the checkpoint, unless `changed` is set
 */
export function assertUnchanged(options: Pick<ResumeOptions, 'root' | 'run' | 'provenance' | 'changed'>): void {
  checkOptions('assertUnchanged', options, ['root', 'run', 'provenance', 'changed'])
  const { root, run: reference, provenance = findProvenance(), changed = false } = options
  const run = openRun(root, reference)
  const record = readRunRecord(run)
  assertNotCompleted(record, root)
  const changes = resumeChanges(run, record, provenance, {})
  if (changes.length > 0 && !changed) throw changedError(`${run.experiment}/${run.id}`, changes)
}

/**
 * Takes an interrupted, stopped or failed run up again at its last checkpoint (at its beginning where it has none):
 * takes the lock, cleans up what a killed process left, cuts metrics.jsonl back to the checkpoint and opens a new
 * attempt, which records where it runs.
 * @throws UserError where another process works on the run, it has completed, its record or checkpoint is damaged or
 * belongs to another run, something that decides its numbers has changed since the checkpoint (see `changesSince`) and
 * `changed` is not set, or the folder is not writable
 */
export function resumeRun(options: ResumeOptions): StoredRun {
  checkOptions('resumeRun', options, [
    'root', 'run', 'provenance', 'data', 'places', 'changed', 'keepLast', 'now', 'files',
  ])
  const files = options.files ?? nodeFiles
  const run = openRun(options.root, options.run)
  const lock = acquireRunLock(run.folder, { files })
  try {
    const record = readRunRecord(run)
    const name = `${run.experiment}/${run.id}`
    assertNotCompleted(record, options.root)
    removeTemporaryFiles(run.folder, fencedFiles(containedFiles(files, run.folder), lock))
    const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last')
    const here = options.provenance ?? findProvenance()
    const changed = resumeChanges(run, record, here, options)
    if (changed.length > 0 && options.changed !== true) throw changedError(name, changed)
    const config: Record<string, Json> = { ...record.config, ...options.places }
    return openAttempt(
      run,
      {
        ...record,
        attempts: attemptsBefore(record, checkpoint?.origin),
        config,
        data: { ...record.data, ...options.data },
      },
      { lock, here, checkpoint, changed },
      options,
    )
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Puts the event file of an attempt that never ended out of reach of its writer, who may only be suspended. */
function fenceEventFiles(run: RunFolder, { attempts }: RunRecord, files: FileOperations): void {
  const open = attempts.filter(({ reason }) => reason === null).map(({ number }) => `.${number}`)
  for (const name of fs.readdirSync(run.folder)) {
    if (!name.startsWith('events.out.tfevents.') || !open.includes(path.extname(name))) continue
    const file = path.join(run.folder, name)
    writeFileAtomic(file, filePieces(file), files)
  }
}

/** The record of a run while an attempt of it is under way. */
class AttemptRecord {
  readonly attempt: RunRecord['attempts'][number]
  readonly #run: RunFolder
  readonly #files: FileOperations
  readonly #earlier: RunRecord['attempts']
  #record: RunRecord

  /** Writes down that the attempt has begun. */
  constructor(
    run: RunFolder,
    found: RunRecord,
    fromStep: number,
    { here, changed = [] }: Omit<Opening, 'lock'>,
    files: FileOperations,
  ) {
    this.#run = run
    this.#files = files
    // An attempt without an end was killed.
    this.#earlier = found.attempts.map(attempt =>
      attempt.reason === null ? { ...attempt, reason: 'interrupted' } : attempt,
    )
    const { git, code = null, lockFile = null, versions = {} } = here
    this.attempt = {
      number: this.#earlier.length + 1,
      startedAt: new Date().toISOString(),
      endedAt: null,
      ...thisProcess(),
      fromStep,
      reason: null,
      commit: git?.commit ?? null,
      dirty: git?.dirty ?? null,
      code,
      lockFile,
      versions,
      ...(changed.length > 0 && { changed: [...changed] }),
    }
    // What the end of an earlier attempt vouched for is open again; artifacts and its event file stay as they are.
    const final = Object.fromEntries(
      Object.entries(found.files ?? {}).filter(([name]) => /^(artifacts\/|events\.)/.test(name)),
    )
    this.#record = this.#write({
      ...found,
      status: 'running',
      attempts: [...this.#earlier, this.attempt],
      files: final,
    })
  }

  get now(): RunRecord {
    return this.#record
  }

  #write(record: RunRecord): RunRecord {
    this.#record = record
    writeRunRecord(this.#run, record, this.#files)
    return record
  }

  /** Vouches for the content of files. */
  vouchFor(files: Readonly<Record<string, string>>): void {
    this.#write({ ...this.#record, files: { ...this.#record.files, ...files } })
  }

  /**
   * At no instant does the record vouch for other content than lies there: a file that is to change is vouched for no
   * more.
   */
  disown(entry: string, unless: string): void {
    const { [entry]: before, ...others } = this.#record.files ?? {}
    if (before !== undefined && before !== unless) this.#write({ ...this.#record, files: others })
  }

  close(status: RunRecord['status'], reason: string, files: Readonly<Record<string, string>> = {}): void {
    const ended = { ...this.attempt, endedAt: new Date().toISOString(), reason }
    this.#write({
      ...this.#record,
      status,
      attempts: [...this.#earlier, ended],
      files: { ...this.#record.files, ...files },
    })
  }
}

function openAttempt(run: RunFolder, found: RunRecord, opening: Opening, options: StoredRunOptions): StoredRun {
  const { lock, here, checkpoint: stored } = opening
  const { keepLast = 0, now = () => Date.now() / 1000 } = options
  const files = fencedFiles(containedFiles(options.files ?? nodeFiles, run.folder), lock)
  const { checkpoints, artifacts, summary: summaryFile } = runPaths(run)
  const resumed = stored && split(stored)
  const resumeFrom = resumed?.checkpoint
  const fromStep = resumeFrom?.loop.globalStep ?? 0

  fenceEventFiles(run, found, files)
  const record = new AttemptRecord(run, found, fromStep, opening, files)
  const logs = new AttemptLogs(
    run,
    { ...record.attempt, now },
    resumed && { bytes: resumed.metricsBytes, step: fromStep },
    files,
  )
  const origin = originOf(record.now, here)

  return {
    ...run,
    name: `${run.experiment}/${run.id}`,
    resumeFrom,
    get record() {
      return record.now
    },
    appendMetrics: rows => logs.appendMetrics(rows),
    appendHistogram: histogram => logs.appendHistogram(histogram),
    appendImage: image => logs.appendImage(image),
    saveCheckpoint: (checkpoint, { best = false } = {}) => {
      lock.assertHeld()
      lock.heartbeat()
      // The log must be on the disk before a checkpoint that counts on its length.
      const measured = logs.measured()
      const loop = { ...checkpoint.loop, [METRICS_BYTES]: measured.bytes }
      const names: CheckpointName[] = ['last']
      if (best) names.push('best')
      if (keepLast > 0) names.push(`step-${loop.globalStep}`)
      saveCheckpoint(
        checkpoints,
        names,
        { tensors: checkpoint.tensors, loop, origin: { ...origin, metrics: measured } },
        files,
      )
      if (keepLast > 0) pruneStepCheckpoints(checkpoints, keepLast, files)
    },
    loadCheckpoint: name => {
      const loaded = loadCheckpoint(checkpoints, name)
      return loaded && split(loaded).checkpoint
    },
    writeArtifact: (name, content) => {
      const file = path.resolve(artifacts, name)
      if (!file.startsWith(artifacts + path.sep))
        throw new UserError({ rule: 'An artifact must lie inside the run.', received: name })
      const entry = `artifacts/${path.relative(artifacts, file).split(path.sep).join('/')}`
      const hash = sha256(content)
      record.disown(entry, hash)
      files.makeFolder(path.dirname(file))
      writeFileAtomic(file, content, files)
      record.vouchFor({ [entry]: hash })
    },
    finish: ({ status, reason = status, summary }) => {
      lock.assertHeld()
      const ended = logs.end()
      writeRunSummary(run, summary, files)
      record.close(status, reason, { 'summary.json': fileSha256(summaryFile), ...ended })
      lock.release()
    },
    fail: error => {
      logs.abandon()
      quietly(() => {
        if (lock.isHeld()) record.close('failed', error instanceof Error ? error.message : String(error))
      })
      lock.release()
    },
  }
}
