// A table of the user's own (CSV or TSV): its names and its fields as text, in rows that all have as many.
import { parse } from 'csv-parse/browser/esm/sync'
import { UserError, checkOptions } from '@ddlf/tensor/errors'
import { IntakeCounter } from './intake.ts'
import { delimiterName, findFormat, MOST_COLUMNS, parserOptions, SAMPLE_CHARACTERS } from './table-format.ts'
import type { FoundFormat, TableFormat } from './table-format.ts'
import { looksNumeric } from './table-numbers.ts'

/** A word by which items are told apart, in the form that makes equal what looks equal. */
export const labelOf = (field: string) => field.trim().normalize('NFC')

/** The fields of a table as text. */
export interface Table {
  readonly name: string
  readonly names: readonly string[]
  readonly records: readonly (readonly string[])[]
  /** The number of each record's row below the header, from 1 on: some rows may be left out. */
  readonly rows: readonly number[]
  /** The line of the file in which each record begins, from 1 on: quoted fields may hold line ends. */
  readonly lines: readonly number[]
  readonly format: FoundFormat
  /** Counts the rows that are left out; those that remain are counted when they are used. */
  readonly intake: IntakeCounter
}

/** How a person finds a row: by its number below the header, and by the line of the file in which it begins. */
const rowAt = (row: number, line: number) => `row ${row} on line ${line}`

/** How a person finds a record of a table: `row 17 on line 19`. */
export const rowName = ({ rows, lines }: Pick<Table, 'rows' | 'lines'>, record: number) =>
  rowAt(rows[record] ?? 0, lines[record] ?? 0)

/**
 * Finds the lines in which records begin by what csv-parse counts: within quotes it counts a carriage return and a line
 * feed as two lines, which they are not.
 */
class LineCounter {
  #tooMany: number

  /** @param above lines that the parser is not given */
  constructor(above: number) {
    this.#tooMany = -above
  }

  /** @param counted the parser's line at the end of the record */
  startOf(record: readonly string[], counted: number): number {
    let [within, pairs] = [0, 0]
    for (const field of record) {
      for (const [end] of field.includes('\n') || field.includes('\r') ? field.matchAll(/\r\n|\r|\n/g) : []) {
        within += end.length
        pairs += end.length - 1
      }
    }
    const start = counted - within - this.#tooMany
    this.#tooMany += pairs
    return start
  }
}

/** How a row begins that sums up those above it. */
const TOTAL = /^(?:(?:grand |sub-?)?totals?|sum|(?:end)?summe|gesamt(?:summe)?|insgesamt|totale|suma|somme)\b/i

/** Takes records one by one and makes a table of them. */
export class TableBuilder {
  readonly #name: string
  readonly #format: FoundFormat
  readonly #only: ReadonlySet<string> | undefined
  readonly #intake = new IntakeCounter('rows')
  readonly #records: string[][] = []
  readonly #rows: number[] = []
  readonly #lines: number[] = []
  readonly #counter: LineCounter
  #names: string[] | undefined
  #kept: boolean[] = []
  /** Columns without a name of which no field is filled so far. */
  #empty = new Set<number>()
  #row = 0
  #line = 0
  #above = 0

  /** @param only keep the text of these columns alone; that of others becomes empty, to save memory */
  constructor(format: TableFormat, found: FoundFormat, only?: readonly string[]) {
    this.#name = format.name
    this.#format = found
    this.#only = only && new Set(only.map(labelOf))
    this.#counter = new LineCounter(found.start > 0 ? 1 : 0)
    this.#intake.note(
      found.delimiter === ''
        ? 'JSON, an object a line'
        : `${delimiterName(found.delimiter)} between fields${format.delimiter === undefined ? '' : ', as stated'}`,
    )
    if (found.above > 0)
      this.#intake.note(`${found.above === 1 ? '1 line' : `${found.above} lines`} above the header left out`)
    if (found.header) return
    this.#nameColumns(Array.from({ length: found.width }, () => ''))
    if (format.header === undefined)
      this.#intake.note(`no header: the columns are called column1${found.width > 1 ? ` to column${found.width}` : ''}`)
  }

  /** The header with as many fields as the rows have. */
  #headerOf(fields: readonly string[]): readonly string[] {
    const { width } = this.#format
    if (fields.length === width + 1 && fields.at(-1)?.trim() === '') return fields.slice(0, -1)
    // As R writes a table whose rows have names.
    if (fields.length !== width - 1 || fields.length < 2) return fields
    this.#intake.note('the header has one name less than the rows have fields: their first field is called column1')
    return ['', ...fields]
  }

  #nameColumns(fields: readonly string[]): void {
    if (fields.length > MOST_COLUMNS) throw tooManyColumns(this.#name, fields.length)
    const names = fields.map((field, k) => labelOf(field) || `column${k + 1}`)
    const seen = new Set<string>()
    for (const name of names) {
      if (seen.has(name))
        throw new UserError({
          rule: `${this.#name}: each column must have a name of its own.`,
          received: `'${name}' twice`,
          next: 'Rename one; where the first row is no header, state header=false',
        })
      seen.add(name)
    }
    this.#names = names
    this.#empty = new Set(
      this.#format.header ? names.flatMap((_, k) => (labelOf(fields[k] ?? '') === '' ? [k] : [])) : [],
    )
    this.#kept = names.map(name => this.#only?.has(name) ?? true)
  }

  /** Says something of how the table was read. */
  note(text: string): void {
    this.#intake.note(text)
  }

  /** Counts what is no row. */
  leaveOut(reason: string, name: string): void {
    this.#intake.leaveOut(reason, name)
  }

  /** How a person finds the last row that was read. */
  get last(): string {
    if (this.#row > 0) return rowAt(this.#row, this.#line)
    return this.#names === undefined ? 'the beginning of the file' : 'the header'
  }

  /** @param counted the parser's line at the end of the record */
  add(record: string[], counted: number): void {
    // Of JSON, where line ends are escaped, the line itself.
    this.#line = this.#format.delimiter === '' ? counted : this.#counter.startOf(record, counted)
    if (this.#names === undefined) {
      if (this.#above++ >= this.#format.above) this.#nameColumns(this.#headerOf(record))
      return
    }
    this.#row++
    if (record.length === this.#names.length + 1 && record.at(-1)?.trim() === '') {
      record.pop()
      this.#intake.note('rows end with a delimiter')
    }
    if (record.length !== this.#names.length) {
      const { length } = record
      this.#intake.leaveOut(
        `with ${length < this.#names.length ? 'fewer' : 'more'} fields than the table's ${this.#names.length}`,
        this.last,
      )
      return
    }
    for (const k of this.#empty) if (record[k]?.trim() !== '') this.#empty.delete(k)
    this.#records.push(this.#only ? record.map((field, k) => (this.#kept[k] ? field : '')) : record)
    this.#rows.push(this.#row)
    this.#lines.push(this.#line)
  }

  /** Says of a last row that it looks like a sum of the others: whether it is one, nobody but the user knows. */
  #noteTotals(): void {
    const last = this.#records.at(-1) ?? []
    const [first = '', ...others] = last.map(field => field.trim()).filter(field => field !== '')
    if (TOTAL.test(first) && others.some(looksNumeric)) {
      const place = rowAt(this.#rows.at(-1) ?? 0, this.#lines.at(-1) ?? 0)
      const row = `${place}, the last, begins with '${first.slice(0, 20)}'`
      this.#intake.note(`${row}: remove it if it sums up the others`)
    }
  }

  /** @throws UserError when more rows have another number of fields than fit */
  end(): Table {
    const names = this.#names ?? []
    const ragged = this.#row - this.#records.length
    if (ragged > this.#records.length) {
      throw new UserError({
        rule: `${this.#name} is not a well-formed table: its rows must have as many fields as it has columns.`,
        received: `${ragged} of ${this.#row} rows with another number than ${names.length} ` +
          `(${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}), read ` +
          `with ${delimiterName(this.#format.delimiter)} between fields`,
        next: 'Put fields that hold the delimiter in quotes, or state the delimiter',
      })
    }
    this.#noteTotals()
    const table = {
      name: this.#name,
      names,
      records: this.#records,
      rows: this.#rows,
      lines: this.#lines,
      format: this.#format,
      intake: this.#intake,
    }
    if (this.#empty.size === 0 || this.#records.length === 0) return table
    const isFilled = (_: string, k: number) => !this.#empty.has(k)
    const what = this.#empty.size === 1 ? 'a column' : `${this.#empty.size} columns`
    this.#intake.note(`${what} without a name and without a value left out`)
    return { ...table, names: names.filter(isFilled), records: this.#records.map(record => record.filter(isFilled)) }
  }
}

const tooManyColumns = (name: string, count: number) => new UserError({
  rule: `${name}: a table has at most ${MOST_COLUMNS.toLocaleString('en-US')} columns.`,
  received: `${count.toLocaleString('en-US')} columns`,
  next: 'Leave out columns, or give the table as one row an example',
})

/**
 * The error for bytes that csv-parse cannot make rows of: in practice a quote that is never closed.
 * @param last how a person finds the last row that could be read
 */
export const malformed = (name: string, error: unknown, last = '') =>
  error instanceof UserError
    ? error
    : new UserError(
        {
          rule: `${name} is not a well-formed table.`,
          received: isUnclosed(error) && last !== ''
            ? `a quote that opens behind ${last}, and is never closed`
            : error instanceof Error ? error.message : String(error),
          next: 'Close the quote at the field it opens in, or double the quotes inside',
        },
        { cause: error },
      )

const isUnclosed = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'CSV_QUOTE_NOT_CLOSED'

/** The names of {@link TableFormat}. */
export const FORMAT_OPTIONS = ['name', 'delimiter', 'header', 'wanted', 'areNames'] as const
/**
 * Splits a CSV or TSV text into rows of fields (RFC 4180: quoted fields may hold delimiters, line ends and doubled
 * quotes). Lines may end in CRLF, LF and CR in one text, and a quote inside an unquoted field is a quote. Without a
 * header the columns are called `column1`, `column2` and so on, as columns without a name are. Rows of another length
 * are left out and counted.
 * @throws UserError when most rows differ in length, a quote is not closed, or two columns have one name
 */
export function parseTable(text: string, format: TableFormat): Table {
  checkOptions('parseTable', format, FORMAT_OPTIONS)
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text
  const found = findFormat(content.slice(0, SAMPLE_CHARACTERS), format)
  const builder = new TableBuilder(format, found)
  try {
    parse(content.slice(found.start), {
      ...parserOptions(found),
      on_record: (record: string[], { lines }) => (builder.add(record, lines), null),
    })
  } catch (error) {
    throw malformed(format.name, error, builder.last)
  }
  return builder.end()
}
