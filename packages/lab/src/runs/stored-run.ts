// Runs on disk as a training loop sees them: starting a run, resuming it, and the store that writes to its folder.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { nodeFiles, openAppendFile, quietly, readWholeFile, removeTemporaryFiles, writeFileAtomic, type FileOperations } from './atomic-file.ts'
import { loadCheckpoint, pruneStepCheckpoints, saveCheckpoint } from './checkpoint.ts'
import { encodeEvent, eventFileVersion, histogramOf, pngHeader, type LoggedEvent } from './event-file.ts'
import { encodeMetrics, metricsLengthAt } from './metrics-log.ts'
import { gitState, type Provenance } from './provenance.ts'
import { createRun, readRunRecord, runPaths, writeRunRecord, writeRunSummary, type NewRun } from './run-folder.ts'
import { acquireRunLock, thisProcess, type RunLock } from './run-lock.ts'
import type { RunFolder } from './run-place.ts'
import type { RunRecord } from './run-record.ts'
import { openRun } from './run-reference.ts'
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

function split(checkpoint: Checkpoint): { checkpoint: Checkpoint; metricsBytes: number } {
  const { [METRICS_BYTES]: metricsBytes, ...loop } = checkpoint.loop
  return { checkpoint: { ...checkpoint, loop }, metricsBytes: typeof metricsBytes === 'number' ? metricsBytes : Infinity }
}

/**
 * Creates a run, takes its lock and opens its first attempt.
 * @throws UserError where the folder is not writable or the disk full
 */
export function startRun(options: NewRun & StoredRunOptions): StoredRun {
  const files = options.files ?? nodeFiles
  const { record, ...run } = createRun(options, files)
  const lock = acquireRunLock(run.folder, { files })
  try {
    return openAttempt(run, record, lock, undefined, options, record.git?.commit ?? null)
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * Takes an interrupted, stopped or failed run up again at its last checkpoint (at its beginning where it has none):
 * takes the lock, cleans up what a killed process left, cuts metrics.jsonl back to the checkpoint and opens a new
 * attempt.
 * @param options `run` as for {@link openRun}; `provenance` gives the commit (found out where left out);
 * `allowCompleted` also takes up a run that has completed, for example to train it longer
 * @throws UserError where another process works on the run, it has completed, its record or checkpoint is damaged, or
 * the folder is not writable
 */
export function resumeRun(
  options: { readonly root: string; readonly run: string; readonly provenance?: Pick<Provenance, 'git'>; readonly allowCompleted?: boolean } & StoredRunOptions,
): StoredRun {
  const files = options.files ?? nodeFiles
  const run = openRun(options.root, options.run)
  const lock = acquireRunLock(run.folder, { files })
  try {
    const record = readRunRecord(run)
    if (record.status === 'completed' && options.allowCompleted !== true) {
      throw new UserError({ rule: 'A completed run has nothing left to do.', received: `${run.experiment}/${run.id}`, next: 'Start a new run.' })
    }
    for (const folder of [run.folder, runPaths(run).checkpoints, runPaths(run).artifacts]) removeTemporaryFiles(folder, files)
    const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last')
    const git = options.provenance ? options.provenance.git : gitState(process.cwd())
    return openAttempt(run, record, lock, checkpoint, options, git?.commit ?? null)
  } catch (error) {
    lock.release()
    throw error
  }
}

function openAttempt(
  run: RunFolder,
  found: RunRecord,
  lock: RunLock,
  stored: Checkpoint | undefined,
  options: StoredRunOptions,
  commit: string | null,
): StoredRun {
  const { files = nodeFiles, keepLast = 0, now = () => Date.now() / 1000 } = options
  const { checkpoints, artifacts, metrics: metricsFile } = runPaths(run)
  const resumed = stored && split(stored)
  const resumeFrom = resumed?.checkpoint
  const fromStep = resumeFrom?.loop.globalStep ?? 0

  let kept = 0
  if (resumed && fs.existsSync(metricsFile)) kept = metricsLengthAt(readWholeFile(metricsFile), { bytes: resumed.metricsBytes, step: fromStep })
  const metrics = openAppendFile(metricsFile, { files, truncateTo: kept })

  const { pid, host } = thisProcess()
  const startedAt = new Date().toISOString()
  // An attempt without an end was killed.
  const earlier = found.attempts.map(attempt => (attempt.reason === null ? { ...attempt, reason: 'interrupted' } : attempt))
  const attempt = { number: earlier.length + 1, startedAt, endedAt: null, pid, host, fromStep, reason: null, commit }
  let record: RunRecord = { ...found, status: 'running', attempts: [...earlier, attempt] }
  writeRunRecord(run, record, files)

  // TensorBoard reads all event files of a folder, and the host and attempt keep the names apart.
  const events = openAppendFile(path.join(run.folder, `events.out.tfevents.${Math.floor(now())}.${host}.${pid}.${attempt.number}`), { files })
  const logEvents = (logged: readonly LoggedEvent[]) => events.append(Buffer.concat(logged.map(encodeEvent)))
  logEvents([{ kind: 'version', version: eventFileVersion, wallTime: now(), step: 0 }])
  if (attempt.number > 1) logEvents([{ kind: 'start', wallTime: now(), step: fromStep + 1 }])

  const close = (status: RunRecord['status'], reason: string) => {
    record = { ...record, status, attempts: [...earlier, { ...attempt, endedAt: new Date().toISOString(), reason }] }
    writeRunRecord(run, record, files)
  }

  return {
    ...run,
    name: `${run.experiment}/${run.id}`,
    resumeFrom,
    get record() {
      return record
    },
    appendMetrics: ({ step, epoch, values }) => {
      const wallTime = now()
      const rows = Object.entries(values).map(([name, value]) => ({ step, epoch, wallTime, name, value }))
      metrics.append(new TextEncoder().encode(encodeMetrics(rows)))
      logEvents(rows.map(({ name: tag, value }) => ({ kind: 'scalar', wallTime, step, tag, value })))
    },
    appendHistogram: ({ step, tag, values }) => logEvents([{ kind: 'histogram', wallTime: now(), step, tag, histogram: histogramOf(values) }]),
    appendImage: ({ step, tag, png }) => logEvents([{ kind: 'image', wallTime: now(), step, tag, ...pngHeader(png), png }]),
    saveCheckpoint: (checkpoint, { best = false } = {}) => {
      lock.assertHeld()
      lock.heartbeat()
      // The log must be on the disk before a checkpoint that counts on its length.
      metrics.sync()
      const loop = { ...checkpoint.loop, [METRICS_BYTES]: metrics.length }
      const names: CheckpointName[] = ['last']
      if (best) names.push('best')
      if (keepLast > 0) names.push(`step-${loop.globalStep}`)
      saveCheckpoint(checkpoints, names, { tensors: checkpoint.tensors, loop }, files)
      if (keepLast > 0) pruneStepCheckpoints(checkpoints, keepLast, files)
    },
    loadCheckpoint: name => {
      const loaded = loadCheckpoint(checkpoints, name)
      return loaded && split(loaded).checkpoint
    },
    writeArtifact: (name, content) => {
      const file = path.resolve(artifacts, name)
      if (!file.startsWith(artifacts + path.sep)) throw new UserError({ rule: 'An artifact lies inside the run.', received: name })
      lock.assertHeld()
      files.makeFolder(path.dirname(file))
      writeFileAtomic(file, content, files)
    },
    finish: ({ status, reason = status, summary }) => {
      lock.assertHeld()
      metrics.sync()
      metrics.close()
      events.close()
      writeRunSummary(run, summary, files)
      close(status, reason)
      lock.release()
    },
    fail: error => {
      quietly(() => metrics.close())
      quietly(() => events.close())
      quietly(() => {
        if (lock.isHeld()) close('failed', error instanceof Error ? error.message : String(error))
      })
      lock.release()
    },
  }
}

