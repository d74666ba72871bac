// Puts the outputs of a finished run back where they are gone or damaged: what its last checkpoint gave once more.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { fileSha256, nodeFiles, readWholeFile, sha256, writeFileAtomic } from './atomic-file.ts'
import { containedFiles, ownPath } from './run-files.ts'
import { isAsWritten, outputsOf, readRunRecord, writeRunRecord } from './run-folder.ts'
import { acquireRunLock, fencedFiles } from './run-lock.ts'
import { nameOfRun, type RunFolder } from './run-place.ts'
import { decodeSafetensors } from './safetensors.ts'

/** Whether the outputs are gone or not what the run recorded; of an older run, which recorded nothing, unreadable. */
function isWanting(run: RunFolder, entry: string): boolean {
  const file = ownPath(run.folder, path.join(run.folder, entry))
  const expected = readRunRecord(run).files?.[entry]
  if (!fs.existsSync(file)) return expected !== undefined
  if (expected !== undefined) return fileSha256(file) !== expected
  try {
    decodeSafetensors(readWholeFile(file))
    return false
  } catch (error) {
    if (error instanceof UserError) return true
    throw error
  }
}

/**
 * Writes the outputs of a completed run anew where they are gone or damaged, and vouches for them in its record. Sound
 * ones stay as they are, and so does a run that keeps none.
 * @param part of the data that judged the run
 * @param content what its last checkpoint gives for that part, as a safetensors file
 * @returns whether they were written
 * @throws UserError where a process works on the run, or its record is not as it was written: nothing can be vouched
 *   for in that
 */
export function putBackOutputs(run: RunFolder, part: string, content: Uint8Array): boolean {
  const entry = outputsOf(part)
  if (readRunRecord(run).status !== 'completed' || !isWanting(run, entry)) return false
  const lock = acquireRunLock(run.folder)
  try {
    if (isAsWritten(run) === false) {
      throw new UserError({
        rule: 'The record of the run is not as it was written, so its outputs cannot be vouched for.',
        received: path.join(run.folder, 'run.json'),
        next: `Put the record back first; what is wrong says: npm run ddlf -- verify ${nameOfRun(run)}`,
      })
    }
    const record = readRunRecord(run)
    const files = fencedFiles(containedFiles(nodeFiles, run.folder), lock)
    const { [entry]: before, ...others } = record.files ?? {}
    const hash = sha256(content)
    // At no instant does the record vouch for other content than lies there.
    if (before !== undefined && before !== hash) writeRunRecord(run, { ...record, files: others }, files)
    const file = path.join(run.folder, entry)
    files.makeFolder(path.dirname(file))
    writeFileAtomic(file, content, files)
    if (before !== undefined) writeRunRecord(run, { ...record, files: { ...others, [entry]: hash } }, files)
    return true
  } finally {
    lock.release()
  }
}
