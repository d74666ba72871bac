// Where a study writes its records: an append-only list, in memory or (behind ./node) in a file.
import type { JournalRecord } from './journal-record.ts'

/** An append-only list of records, with one writer at a time. */
export interface Journal {
  /** Says in messages where the records are. */
  readonly place: string
  /** All records so far, once, when a study opens. */
  read(): Iterable<JournalRecord>
  /** Adds records at the end, all of them durable when it returns. */
  append(records: readonly JournalRecord[]): void
}

/** A journal that lasts as long as the process. */
export function memoryJournal(
  records: readonly JournalRecord[] = [],
): Journal & { readonly records: readonly JournalRecord[] } {
  const kept = [...records]
  return {
    place: 'memory',
    records: kept,
    read: () => [...kept],
    append: more => { for (const record of more) kept.push(record) },
  }
}
