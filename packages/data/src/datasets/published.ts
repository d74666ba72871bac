// What every published set consists of: its card, and a reader of its files that does not care where they came from.
import { UserError } from '@ddlf/tensor/errors'
import type { Dataset, DatasetCard } from '../dataset.ts'

/** The files of one edition of a set, each verified before its content is given out. */
export interface SetFiles {
  /** Name of the edition that is there. */
  readonly edition: string
  /** Numbers are wanted in shared memory. */
  readonly shared: boolean
  /** Whole content of a file; `name` without `.gz` means the unpacked content of `name.gz`. */
  read(name: string): Promise<Uint8Array>
  /** The wanted members of a tar archive (plain or gzipped), in the order of the archive. */
  members(name: string, wanted: (path: string) => boolean): Promise<{ path: string; content: Uint8Array }[]>
}

/** A published set. */
export interface PublishedSet {
  readonly card: DatasetCard
  read(files: SetFiles, split: string): Promise<Dataset>
}

/** Text of a file. UTF-8, or Latin-1 where that is said or where the bytes are not valid UTF-8. */
export function decodeText(bytes: Uint8Array, encoding: 'utf-8' | 'latin1' = 'utf-8'): string {
  // Decoders of browsers refuse shared memory, hence the copy there.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
  if (encoding === 'latin1') return new TextDecoder('latin1').decode(own)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(own)
  } catch {
    return new TextDecoder('latin1').decode(own)
  }
}

/** The lines of a text; the end of the last line starts no new one. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** A data set of texts with class labels. */
export function labelledTexts(
  name: string,
  examples: readonly { readonly text: string; readonly label: number }[],
  classes: readonly string[],
  more: { readonly text?: Record<string, readonly string[]>; readonly columns?: Dataset['columns'] } = {},
): Dataset {
  const labels = Int32Array.from(examples, ({ label }) => label)
  return {
    name,
    length: examples.length,
    columns: { labels: { dtype: 'int32', shape: [], data: labels }, ...more.columns },
    text: { text: examples.map(({ text }) => text), ...more.text },
    classes,
  }
}

/** A data set of texts without labels: named columns of equal length. */
export function plainTexts(
  name: string,
  text: Readonly<Record<string, readonly string[]>>,
  columns: Dataset['columns'] = {},
): Dataset {
  const lengths = Object.values(text).map(values => values.length)
  const length = lengths[0] ?? 0
  if (lengths.some(other => other !== length)) {
    throw new UserError({
      rule: `${name}: all columns of text must have as many entries.`,
      received: lengths.join(', '),
    })
  }
  return { name, length, columns, text }
}

/** The error for a line that a reader cannot understand. */
export const badLine = (name: string, line: number, expected: string, received: string) =>
  new UserError({ rule: `${name}, line ${line}: ${expected}.`, received: received.slice(0, 80) })

export const textColumn = { name: 'text', dtype: 'string', shape: [], meaning: 'the text' } as const
export const labelColumn = { name: 'labels', dtype: 'int32', shape: [], meaning: 'class index' } as const
