// A table in a file: its encoding found by looking, read in parts so that memory stays within the rows that are kept.
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse'
import type { Parser } from 'csv-parse'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { assertPlainFile } from './read-plain-file.ts'
import { isJsonLines, readJsonLines } from './json-lines.ts'
import { decoderOf, encodingNames, encodingOf, WrongEncoding, type TableEncoding } from './table-encoding.ts'
import { findFormat, parserOptions, SAMPLE_CHARACTERS } from './table-format.ts'
import type { TableFormat } from './table-format.ts'
import { malformed, TableBuilder } from './table.ts'
import type { Table } from './table.ts'

/** Longest row, in characters: one text may be a book, but a quote that is never closed must not take all memory. */
const MOST_ROW_CHARACTERS = 8 * 2 ** 20

/** The text of a file in parts, decoded as it is read. */
async function* decoded(path: string, encoding: TableEncoding): AsyncGenerator<string, undefined> {
  const decode = decoderOf(encoding)
  for await (const bytes of createReadStream(path)) yield decode(bytes as Uint8Array<ArrayBuffer>)
  yield decode()
}

async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  await assertPlainFile(path)
  const parts: Buffer[] = []
  try {
    for await (const bytes of createReadStream(path, { end: count - 1 })) parts.push(bytes as Buffer)
  } catch (error) {
    throw new UserError(
      {
        rule: `${path} must be a file that can be read.`,
        received: error instanceof Error ? error.message : String(error),
        next: 'Check the path, and whether you may read it.',
      },
      { cause: error },
    )
  }
  return Buffer.concat(parts)
}

/** Passes parts on until one row has become too long. */
async function* guarded(
  parts: AsyncIterable<string>,
  parser: Parser,
  name: string,
  rows: TableBuilder,
): AsyncGenerator<string, undefined> {
  let length = 0
  let records = 0
  for await (const part of parts) {
    if (parser.info.records !== records) {
      records = parser.info.records
      length = 0
    }
    length += part.length
    if (length > MOST_ROW_CHARACTERS) {
      throw new UserError({
        rule: `${name}: a row has at most ${MOST_ROW_CHARACTERS.toLocaleString('en-US')} characters.`,
        received: `a longer one behind ${rows.last}`,
        next: 'Look there for a quote that is never closed, or for lines that do not end',
      })
    }
    yield part
  }
}

async function readAs(
  path: string,
  encoding: TableEncoding,
  format: TableFormat,
  only: readonly string[] | undefined,
): Promise<Table> {
  const parts = decoded(path, encoding)
  let sample = ''
  while (sample.length < SAMPLE_CHARACTERS) {
    const { value, done } = await parts.next()
    if (done === true) break
    sample += value
  }
  const found = findFormat(sample.slice(0, SAMPLE_CHARACTERS), format)
  const builder = new TableBuilder(format, found, only)
  if (encoding !== 'utf-8') builder.note(`read as ${encodingNames[encoding]}`)
  const parser = parse({
    ...parserOptions(found),
    on_record: (record: string[], { lines }) => (builder.add(record, lines), null),
  })
  async function* all() {
    yield sample.slice(found.start)
    sample = ''
    yield* parts
  }
  // Rows are taken while they are read: nothing comes out of the parser but its end.
  const end = new Writable({ objectMode: true, write: (_row, _encoding, done) => { done() } })
  try {
    await pipeline(guarded(all(), parser, format.name, builder), parser, end)
  } catch (error) {
    throw error instanceof WrongEncoding ? error : malformed(format.name, error, builder.last)
  }
  return builder.end()
}

/** Whether a file is called a table. */
export const isTable = (path: string): boolean => /\.(csv|tsv|tab)$/i.test(path) || isJsonLines(path)

/**
 * Reads a table from a file: JSON Lines by its ending (.jsonl, .ndjson), else delimited text: UTF-8,
 * UTF-16, UTF-32 (by the byte-order mark, or by the zero bytes), or Windows-1252
 * where it is not valid UTF-8. Rows are read one after the other.
 * @param options.only keep the text of these columns alone
 * @throws UserError when the file cannot be read or is no text, a row is longer than 8 million characters, there are
 *   more than
 *   50,000 columns, or for what {@link parseTable} refuses
 */
export async function readTableFile(
  path: string,
  options: Partial<TableFormat> & { readonly only?: readonly string[] } = {},
): Promise<Table> {
  const { only, ...given } = checkOptions('readTableFile', options, [
    'name', 'delimiter', 'header', 'wanted', 'areNames', 'only',
  ])
  const format = { name: basename(path), ...given }
  if (isJsonLines(path)) return readJsonLines(path, format, only)
  const encoding = encodingOf(await firstBytes(path, 2 ** 16), format.name)
  try {
    return await readAs(path, encoding, format, only)
  } catch (error) {
    if (!(error instanceof WrongEncoding) || encoding !== 'utf-8') throw malformed(format.name, error)
  }
  try {
    return await readAs(path, 'windows-1252', format, only)
  } catch (error) {
    throw malformed(format.name, error)
  }
}
