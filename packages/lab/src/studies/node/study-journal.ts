// The journal of a study in a file that Optuna opens as well: one writer with a lock, every append durable, a torn last
// line left out.
import fs from 'node:fs'
import path from 'node:path'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  explained,
  nodeFiles,
  openAppendFile,
  openIfThere,
  readWholeFile,
  replaceAppendFile,
  type FileOperations,
} from '../../runs/atomic-file.ts'
import { acquireRunLock, fencedFiles } from '../../runs/run-lock.ts'
import { formatRecord, parseRecord, type JournalRecord } from '../journal-record.ts'
import type { Journal } from '../journal.ts'

/** The journal's name in a study's folder. */
export const JOURNAL_FILE = 'journal.jsonl'

const NEWLINE = 0x0a
/** A record holds settings, values and notes of a trial: what is longer is no journal. */
const MOST_LINE_BYTES = 16 * 2 ** 20

/** A journal in a file; `close` gives the study free for another process. */
export interface StudyJournal extends Journal {
  close(): void
  /** Removes the journal of a study in which nothing was tried, and closes it. */
  discard(): void
}

/**
 * The records of some whole lines of a journal.
 * @param before lines that precede them, for messages
 * @throws UserError where one of them is no record
 */
export function parseLines(bytes: Uint8Array, file: string, before = 0): JournalRecord[] {
  const records: JournalRecord[] = []
  const decoder = new TextDecoder()
  let number = before
  for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
    const end = bytes.indexOf(NEWLINE, from)
    to = end < 0 ? bytes.length : end
    number++
    if (to === from) continue
    if (to - from > MOST_LINE_BYTES) throw tooLong(`${file}, line ${number}`, to - from)
    const line = decoder.decode(bytes.subarray(from, to))
    if (line === '') continue
    try {
      records.push(parseRecord(line))
    } catch (error) {
      if (!(error instanceof UserError) && !(error instanceof SyntaxError)) throw error
      const parts =
        error instanceof UserError
          ? error.parts
          : { rule: 'This line is no JSON.', received: line.slice(0, 200), next: RESTORE }
      throw new UserError({ ...parts, rule: `${file}, line ${number}: ${parts.rule}` }, { cause: error })
    }
  }
  return records
}

const RESTORE = 'Restore the journal from a copy.'

const tooLong = (place: string, length: number) => new UserError({
  rule: `${place}: a record has at most ${MOST_LINE_BYTES.toLocaleString('en-US')} bytes.`,
  received: `${length.toLocaleString('en-US')} bytes`,
  next: RESTORE,
})

/** Whether a journal holds a record: a stop between its opening and its first record leaves none. */
export function isBegun(file: string): boolean {
  const descriptor = openIfThere(file)
  if (descriptor === undefined) return false
  try {
    const start = new Uint8Array(2 ** 16)
    const length = fs.readSync(descriptor, start, 0, start.length, 0)
    return length === start.length || start.subarray(0, length).includes(NEWLINE)
  } finally {
    fs.closeSync(descriptor)
  }
}

/**
 * The bytes up to the last newline: a kill in the middle of an append leaves a torn line behind it, which never
 * happened.
 */
const wholeLines = (bytes: Uint8Array) => bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)

/**
 * The records of a journal that another process may be writing; changes nothing.
 * @throws UserError where there is no such file, or a line of it is no record
 */
export const readStudyJournal = (file: string): JournalRecord[] => parseLines(wholeLines(readWholeFile(file)), file)

/**
 * Opens `<folder>/journal.jsonl` for writing, creating both where needed. The file can be opened by Optuna
 * (`JournalStorage(JournalFileBackend(file))`) and by optuna-dashboard.
 * @throws UserError where another process works on the study, or the journal cannot be read
 */
export function openStudyJournal(
  folder: string,
  options: {
    files?: FileOperations
    /** Begins the journal anew: what stands in it is dropped. */
    anew?: boolean
  } = {},
): StudyJournal {
  const { files = nodeFiles, anew = false } = checkOptions('openStudyJournal', options, ['files', 'anew'])
  const file = path.join(folder, JOURNAL_FILE)
  explained(folder, () => { files.makeFolder(folder) })
  const lock = acquireRunLock(folder, { files, subject: 'study' })
  try {
    const fenced = fencedFiles(files, lock)
    const found = fs.existsSync(file) ? readWholeFile(file) : new Uint8Array()
    const whole = anew ? new Uint8Array() : wholeLines(found)
    const records = parseLines(whole, file)
    // A new inode where another wrote before: what a suspended writer appends late lands in a file without a name.
    const out = found.length > 0 ? replaceAppendFile(file, whole, fenced) : openAppendFile(file, fenced)
    let open = true
    let broken = false
    const close = () => {
      if (!open) return
      open = false
      out.close()
      lock.release()
    }
    return {
      place: file,
      read: () => records,
      append(more) {
        if (!open)
          throw new UserError({ rule: 'This journal is closed.', received: file, next: 'Open the study again.' })
        if (broken)
          throw new UserError({
            rule: 'An earlier record of this journal could not be written.',
            received: file,
            next: 'Free some space and open the study again; it goes on with what is on disk.',
          })
        // Optuna gives ids by counting records, so one that this process has not read would shift all later ones.
        if (fs.statSync(file, { throwIfNoEntry: false })?.size !== out.length) {
          throw new UserError({
            rule: 'Another program wrote to this journal.',
            received: file,
            next: 'Let one program at a time work on a study; open it again to go on.',
          })
        }
        broken = true
        out.append(new TextEncoder().encode(more.map(record => `${formatRecord(record)}\n`).join('')))
        out.sync()
        broken = false
      },
      close,
      discard() {
        if (open) {
          lock.assertHeld()
          explained(file, () => {
            files.remove(file)
          })
        }
        close()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
