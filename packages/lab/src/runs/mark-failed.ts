// A run whose process died without a word, marked by one that saw it die.
import { UserError } from '@ddlf/tensor/errors'
import { readRunRecord, writeRunRecord } from './run-folder.ts'
import { acquireRunLock } from './run-lock.ts'
import type { RunFolder } from './run-place.ts'

/**
 * Records that the attempt of a dead process failed, and why. A run that has ended, or that another process works on by
 * now, is left as it is. Never throws a user's error: a run that was removed, or lies on a full disk, stays as it is
 * too.
 */
export function markFailed(run: RunFolder, reason: string): void {
  try {
    if (readRunRecord(run).status !== 'running') return
    const lock = acquireRunLock(run.folder)
    try {
      const record = readRunRecord(run)
      if (record.status !== 'running') return
      const endedAt = new Date().toISOString()
      const attempts = record.attempts.map(attempt =>
        attempt.reason === null ? { ...attempt, endedAt, reason } : attempt,
      )
      writeRunRecord(run, { ...record, status: 'failed', attempts })
    } finally {
      lock.release()
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
}
